// What people see without the app, in a real browser: the start page, a question that came by mail, the answer, what goes wrong.
// At phone and desktop width; every page is also held to the accessibility rules of axe-core. Prints one line a test.
import { strict as assert } from 'node:assert';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { World } from './world.mjs';

const widths = { phone: 390, desktop: 1280 };
const world = await World.open();
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = false;

async function test(name, width, run) {
	const context = await browser.newContext({ viewport: { width, height: 800 }, locale: 'en' });
	const page = await context.newPage();
	const faults = [];
	// Nothing is asked for elsewhere, nothing is blocked, no script runs.
	page.on('request', (request) => { if (!request.url().startsWith(world.url)) faults.push(`asks for ${request.url()}`); });
	page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) faults.push(message.text()); });
	try {
		await run(page);
		assert.deepEqual(faults, []);
		console.log(`ok ${name}`);
	} catch (error) {
		console.log(`${error.stack}\nnot ok ${name}`);
		failed = true;
	}
	await context.close();
}

// axe-core with every WCAG 2.2 A and AA rule; no sideways scrolling; one heading of the first level; a language.
async function isSound(page, language) {
	const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
	assert.deepEqual(violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.html).join(' ')}`), []);
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, 'scrolls sideways');
	assert.equal(await page.locator('h1').count(), 1);
	assert.equal(await page.locator('html').getAttribute('lang'), language);
	assert.equal(await page.locator('script').count(), 0);
}

let stays = 0;
// A new question for guest and owner: the page's address for the one called `name`.
async function ask(name) {
	const stay = await world.declare(-3 - stays, 90);
	stays++;
	return { stay, link: await world.link(name, stay) };
}

for (const [device, width] of Object.entries(widths)) {
	for (const language of ['kk', 'ru', 'en'])
		await test(`${device}: the start page in ${language} says what is done here`, width, async (page) => {
			await page.goto(`${world.url}/?lang=${language}`);
			await isSound(page, language);
			assert.ok(await page.locator('.note').isVisible(), 'the demo says that it is one');
			for (const address of ['/openapi.json', '/api/pack', '/api/law', '/api/statistics/stays_registered'])
				assert.equal((await page.request.get(`${world.url}${address}`)).status(), 200);
			const links = await page.locator('main a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
			for (const link of links)
				assert.equal((await page.request.get(world.url + link)).status(), 200, link);
			assert.ok(links.length >= 5);
		});

	await test(`${device}: the language is changed by a link`, width, async (page) => {
		await page.goto(world.url);
		await page.getByRole('link', { name: 'Қазақша' }).click();
		assert.equal(await page.locator('html').getAttribute('lang'), 'kk');
	});

	await test(`${device}: a guest reads what is asked, agrees, and the owner after him`, width, async (page) => {
		const { stay, link } = await ask('arman');
		for (const language of ['kk', 'ru', 'en']) {
			await page.goto(`${link}?lang=${language}`);
			await isSound(page, language);
			assert.match(await page.locator('main').innerText(), /Ахметов Арман/);
			assert.match(await page.locator('main').innerText(), new RegExp(stay));
		}
		await page.getByRole('button', { name: 'I agree' }).click();
		assert.match(await page.locator('h1').innerText(), /Your consent is recorded/);
		assert.match(await page.locator('main').innerText(), /Others have been asked too/);
		await isSound(page, 'en');
		await page.goto(await world.link('olzhas', stay));
		await page.getByRole('button', { name: 'I agree' }).click();
		assert.match(await page.locator('main').innerText(), /Everyone who was asked has agreed/);
		assert.equal(await world.state('bota', 'stay', stay), 'confirmed');
		// The link answers once, and says so.
		const again = await page.goto(link);
		assert.equal(again.status(), 410);
		await isSound(page, 'en');
		assert.match(await page.locator('h1').innerText(), /not valid/);
		await world.act('bota', `stay/${stay}/end`, {});
	});

	await test(`${device}: an owner refuses and says why, with the keyboard alone`, width, async (page) => {
		const { stay, link } = await ask('olzhas');
		await page.goto(link);
		await page.getByRole('textbox').focus();
		await page.keyboard.type('Мен бұл адамды танымаймын & <b>келіспеймін</b>');
		await page.keyboard.press('Tab');
		assert.equal(await page.evaluate(() => document.activeElement.value), 'refuse');
		assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
		await page.keyboard.press('Enter');
		await page.getByText('Your refusal is recorded').first().waitFor();
		await isSound(page, 'en');
		assert.equal(await world.state('bota', 'stay', stay), 'disputed');
		assert.match(JSON.stringify(await world.record('bota', 'stay', stay)), /танымаймын & <b>/);
		await world.act('clerk', `stay/${stay}/annul`, { reason: 'the owner is right' });
	});

	await test(`${device}: a link that nobody gave, a page that is not there, what a problem means`, width, async (page) => {
		for (const [address, status] of [['/answer/nothing', 410], ['/nowhere', 404], ['/api/me', 401], ['/problems/refused-by-law', 200]]) {
			const answer = await page.goto(world.url + address);
			assert.equal(answer.status(), status, address);
			await isSound(page, 'en');
		}
	});

	await test(`${device}: text of twice the size stays readable`, width, async (page) => {
		const { stay, link } = await ask('arman');
		for (const address of [world.url, link]) {
			// 200 % zoom is half the width in CSS pixels.
			await page.setViewportSize({ width: width / 2, height: 400 });
			await page.goto(address);
			await isSound(page, 'en');
		}
		await world.act('bota', `stay/${stay}/withdraw`, {});
		const answer = await page.goto(link);
		assert.equal(answer.status(), 410);
	});
}

await browser.close();
await world.close();
process.exit(failed ? 1 : 0);
