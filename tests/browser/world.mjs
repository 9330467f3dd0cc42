// A real server over a new store of packs/kz with a few invented people, told to write its mail into a folder.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tirkeu = path.resolve(root, process.env.TIRKEU ?? 'build/tirkeu');
const password = 'longer than what Tirkeu asks for';

// With its check digit. The people are born before 1900: nobody who lives has such a number.
export function iin(base) {
	for (const shift of [0, 2]) {
		const sum = [...base].reduce((total, digit, i) => total + Number(digit) * (((i + shift) % 11) + 1), 0) % 11;
		if (sum < 10) return base + sum;
	}
	throw new Error(`no check digit: ${base}`);
}

async function until(what, attempt) {
	for (let i = 0; i < 200; i++) {
		const found = await attempt();
		if (found) return found;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`${what} did not come`);
}

export class World {
	#folder = mkdtempSync(path.join(process.env.TIRKEU_TMP ?? tmpdir(), 'browser.'));
	#store = path.join(this.#folder, 'store');
	#mail = path.join(this.#folder, 'mail');
	#tokens = {};
	#keys = 0;
	#server;
	#said = '';
	url;

	static async open() {
		const world = new World();
		try {
			await world.#begin();
		} catch (error) {
			console.error(world.#said);
			await world.close();
			throw error;
		}
		return world;
	}

	async #begin() {
		execFileSync(tirkeu, ['init', this.#store, '--pack', 'packs/kz', '--origin', 'demo.invalid'], { cwd: root, stdio: 'pipe' });
		mkdirSync(this.#mail);
		appendFileSync(path.join(this.#store, 'settings.yaml'),
			`\nstrict_per_minute: -1\nmail: spool\nmail_folder: ${this.#mail}\nmail_from: registers@demo.invalid\n`);
		this.#server = spawn(tirkeu, ['serve', this.#store, '--listen', '127.0.0.1:0'], { cwd: root });
		for (const stream of [this.#server.stdout, this.#server.stderr])
			stream.on('data', (bytes) => { this.#said += bytes; });
		this.url = await until('the server', () => this.#said.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0]);
		await until('the server', () => fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false));
		await this.#people();
	}

	async #people() {
		await this.account('clerk', 'clerk@750000000');
		this.guest = await this.#person('90010110001', 'Ахметов', 'Арман', 'arman');
		this.host = await this.#person('91020210002', 'Бекова', 'Бота', 'bota');
		this.owner = await this.#person('92030310003', 'Сериков', 'Олжас', 'olzhas');
		const building = await this.act('clerk', 'building/register', { place: '751210000', street: 'Абай', house: '10', use: 'residential' });
		const dwelling = await this.act('clerk', 'dwelling/register', { building, flat: '5', area: '41.50', rooms: 2, rka: '1234567890123456' });
		await this.act('clerk', 'ownership/register', { dwelling, owner: this.owner, since: '2020-01-01', paper: 'D-17' });
		await this.account('bota', 'landlord', this.host);
	}

	#person(base, family_name, given_name, name) {
		return this.act('clerk', 'person/register', { iin: iin(base), family_name, given_name, birth_day: `18${base.slice(0, 2)}-01-01`,
			citizenship: 'KZ', email: `${name}@demo.invalid`, language: 'en' });
	}

	async account(name, role, party) {
		execFileSync(tirkeu, ['user', 'add', this.#store, name, '--role', role, ...(party ? ['--party', party] : []), '--password-stdin'],
			{ cwd: root, input: password, stdio: 'pipe' });
		const answer = await fetch(`${this.url}/api/sessions`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ name, password }) });
		this.#tokens[name] = (await answer.json()).token;
	}

	#headers(who) {
		return { Authorization: `Bearer ${this.#tokens[who]}`, 'Content-Type': 'application/json',
			'Idempotency-Key': `browser-${process.pid}-${this.#keys++}` };
	}

	// "register/action" or "register/REF/action": the record's reference.
	async act(who, what, fields) {
		const answer = await fetch(`${this.url}/api/registers/${what}`, { method: 'POST', headers: this.#headers(who), body: JSON.stringify(fields) });
		const json = await answer.json();
		if (!answer.ok) throw new Error(`${what}: ${JSON.stringify(json)}`);
		return json.ref;
	}

	async record(who, register, ref) {
		return (await fetch(`${this.url}/api/registers/${register}/${ref}`, { headers: this.#headers(who) })).json();
	}

	async state(who, register, ref) {
		return (await this.record(who, register, ref)).state;
	}

	day(days) {
		return new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);
	}

	// The host declares that the guest stays; guest and owner are asked by mail.
	declare(from = -3, to = 90) {
		return this.act('bota', 'stay/declare', { guest: { iin: iin('90010110001'), family_name: 'Ахметов' },
			dwelling: { rka: '1234567890123456' }, host: this.host, arrived: this.day(from), leaves: this.day(to) });
	}

	#letters() {
		return readdirSync(this.#mail).filter((name) => name.endsWith('.eml')).map((name) => {
			const text = readFileSync(path.join(this.#mail, name), 'utf8');
			const at = text.indexOf('\r\n\r\n');
			return { file: name, head: text.slice(0, at), body: Buffer.from(text.slice(at), 'base64').toString('utf8') };
		});
	}

	// The link about record `ref` that went to `name`.
	link(name, ref) {
		return until(`a letter for ${name}`, () => this.#letters()
			.find((letter) => letter.head.includes(`${name}@demo.invalid`) && letter.body.includes(ref) && letter.body.includes('/answer/'))
			?.body.match(/http\S+\/answer\/[A-Za-z0-9_-]+/)?.[0]);
	}

	async close() {
		if (this.#server && this.#server.exitCode === null) {
			const ended = new Promise((resolve) => this.#server.once('exit', resolve));
			this.#server.kill('SIGTERM');
			await ended;
		}
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
