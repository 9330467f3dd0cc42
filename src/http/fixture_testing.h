/* fixture_testing.h - a whole server over a library's pack in a folder of its own, and a small client: for tests
 * only. */
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/day.h"
#include "base/log.h"
#include "base/testing.h"
#include "http/server.h"
#include "store/schema.h"
#include "text/node.h"

#define FIXTURE_PASSWORD "a long and dull pass phrase"

struct fixture {
	char folder[64];
	char db_path[96];
	struct pack_report report;
	struct pack *pack;
	struct vetted_pack *vetted;
	struct signer *signer; /* of a fixture that publishes */
	struct registry *registry;
	struct server *server;
	struct arena *arena;
};

struct answer {
	int status;
	char *head;
	char *body;
	size_t body_bytes;
};

/* ---- the client: one request, one connection ---- */

static inline int
fixture_connect(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

static inline void
fixture_write(int fd, const char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* refused early: the answer tells */
		bytes += sent;
		count -= (size_t)sent;
	}
}

/* One whole answer of a connection that stays open; the fixture's arena keeps it. */
static inline struct answer
fixture_read(struct fixture *f, int fd, bool has_body)
{
	AUTO(strbuf_done) struct strbuf in = { 0 };
	struct answer answer = { 0 };
	char block[65536];
	size_t head = 0, want = SIZE_MAX;

	while (want == SIZE_MAX || in.bytes < head + want) {
		ssize_t got = recv(fd, block, sizeof(block), 0);

		if (got <= 0)
			break;
		strbuf_add(&in, block, (size_t)got);
		char *end = strstr(in.text, "\r\n\r\n");
		if (end != NULL && head == 0) {
			char *length = strcasestr(in.text, "\r\nContent-Length: ");

			head = (size_t)(end - in.text) + 4;
			want = has_body && length != NULL && length < end ? strtoul(length + 18, NULL, 10) : 0;
		}
	}
	if (head == 0)
		return answer;
	answer.status = atoi(in.text + 9);
	answer.head = arena_copy(f->arena, in.text, head);
	answer.body = arena_copy(f->arena, in.text + head, in.bytes - head);
	answer.body_bytes = in.bytes - head;
	return answer;
}

/* `headers` are whole lines with CRLF, "" for none; a Host line is added unless they have one. */
static inline struct answer
fixture_ask_bytes(struct fixture *f, const char *method, const char *path, const char *headers, const char *body,
		  size_t body_bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	int fd = fixture_connect(server_port(f->server));

	strbuf_printf(&out, "%s %s HTTP/1.1\r\n", method, path);
	if (strstr(headers, "Host:") == NULL)
		strbuf_text(&out, "Host: localhost\r\n");
	strbuf_text(&out, headers);
	if (body != NULL)
		strbuf_printf(&out, "Content-Length: %zu\r\n", body_bytes);
	strbuf_text(&out, "\r\n");
	if (body != NULL)
		strbuf_add(&out, body, body_bytes);
	fixture_write(fd, out.text, out.bytes);
	struct answer answer = fixture_read(f, fd, strcmp(method, "HEAD") != 0);
	close(fd);
	return answer;
}

static inline struct answer
fixture_ask(struct fixture *f, const char *method, const char *path, const char *headers, const char *body)
{
	AUTO(strbuf_done) struct strbuf all = { 0 };

	strbuf_text(&all, headers);
	if (body != NULL && strcasestr(headers, "Content-Type:") == NULL)
		strbuf_text(&all, "Content-Type: application/json\r\n");
	return fixture_ask_bytes(f, method, path, all.bytes == 0 ? "" : all.text, body,
				 body == NULL ? 0 : strlen(body));
}

static inline __attribute__((unused)) const struct node *
answer_json(struct fixture *f, const struct answer *answer)
{
	const struct node *root = NULL;

	assert_non_null(answer->body);
	assert_int_equal(node_parse_json(f->arena, answer->body, answer->body_bytes, NULL, &root), OK);
	return root;
}

/* The text under `key` of a JSON answer. */
static inline __attribute__((unused)) const char *
answer_text(struct fixture *f, const struct answer *answer, const char *key)
{
	const char *text = node_text(answer_json(f, answer), key);

	assert_non_null(text);
	return text;
}

/* ---- the server ---- */

struct fixture_account {
	struct job job;
	struct access *access;
	const struct account_draft *draft;
	const struct password_hash *hash;
	int64_t account;
};

static inline enum error
fixture_create_account(struct job *job, struct db *db)
{
	struct fixture_account *making =
		(struct fixture_account *)((char *)job - offsetof(struct fixture_account, job));
	char code[ACTIVATION_CODE_BYTES];

	return account_create(making->access, db, making->draft, making->hash, instant_now(), &making->account, code);
}

static inline __attribute__((unused)) void
fixture_account(struct fixture *f, const char *name, const char *role, int64_t party)
{
	struct held_role held = { .role = pack_role(f->pack, role) };
	struct account_draft draft = { .name = name,
				       .party = party,
				       .language = LANGUAGE_EN,
				       .password = FIXTURE_PASSWORD,
				       .roles = &held,
				       .role_count = 1 };
	struct password_hash hash;
	struct fixture_account making = { .job = { .run = fixture_create_account },
					  .access = registry_access(f->registry),
					  .draft = &draft,
					  .hash = &hash };

	assert_non_null(held.role);
	assert_int_equal(account_hash(FIXTURE_PASSWORD, &hash), OK);
	assert_int_equal(writer_run(registry_writer(f->registry), &making.job), OK);
}

static inline void
fixture_install(struct fixture *f)
{
	AUTO(db_close) struct db *db = NULL;

	assert_int_equal(db_open(f->db_path, DB_WRITE, &db), OK);
	assert_int_equal(db_begin(db), OK);
	assert_int_equal(schema_migrate(db), OK);
	assert_int_equal(schema_install(db, f->pack, &f->report), OK);
	assert_int_equal(db_commit(db), OK);
}

/* Set before fixture_open: the ledger is published, in FOLDER/tlog. */
static __attribute__((unused)) bool fixture_publishes;

static inline void
fixture_publish(struct fixture *f, struct registry_config *config)
{
	static const unsigned char seed[NOTE_SEED_BYTES] = { 5 };
	const struct signer_config signing = { .origin = config->origin,
					       .seed = seed,
					       .state_path = arena_printf(f->arena, "%s/signer", f->folder),
					       .folder = arena_printf(f->arena, "%s/tlog", f->folder) };
	enum alarm alarm = ALARM_NONE;

	assert_int_equal(signer_file_begin(&signing), OK);
	assert_int_equal(signer_file_open(&signing, &alarm, &f->signer), OK);
	config->tlog_folder = signing.folder;
	config->signer = f->signer;
}

static inline __attribute__((unused)) struct fixture *
fixture_open(const char *pack, const struct server_config *config)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct access_cost cheap = { .passes = 1, .memory_bytes = 8192 };
	struct registry_config registry_config = { .origin = "demo.invalid", .demo = true };
	struct server_config own = { .listen = "127.0.0.1:0" };
	const char *trouble = NULL;

	assert_non_null(f);
	log_threshold(LOG_ERROR);
	access_set_cost(&cheap);
	f->arena = arena_new();
	strcpy(f->folder, "/tmp/tirkeu-http-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->db_path, sizeof(f->db_path), "%s/tirkeu.db", f->folder);
	pack_report_init(&f->report);
	assert_int_equal(pack_load(pack, &f->report, &f->pack), OK);
	assert_int_equal(vet_pack(f->pack, &f->report, &f->vetted), OK);
	fixture_install(f);
	registry_config.db_path = f->db_path;
	registry_config.pack = f->pack;
	registry_config.vetted = f->vetted;
	if (fixture_publishes)
		fixture_publish(f, &registry_config);
	assert_int_equal(registry_open(&registry_config, &f->registry), OK);
	if (config != NULL)
		own = *config;
	assert_int_equal(server_start(f->registry, &own, &trouble, &f->server), OK);
	return f;
}

static inline __attribute__((unused)) void
fixture_close(struct fixture *f)
{
	server_stop(f->server);
	registry_close(f->registry);
	signer_close(f->signer);
	vetted_pack_free(f->vetted);
	pack_free(f->pack);
	pack_report_done(&f->report);
	assert_int_equal(system(arena_printf(f->arena, "rm -r %s", f->folder)), 0);
	arena_free(f->arena);
	free(f);
}

/* "Authorization: Bearer …\r\n" */
static inline __attribute__((unused)) const char *
fixture_sign_in(struct fixture *f, const char *name)
{
	struct answer answer =
		fixture_ask(f, "POST", "/api/sessions", "",
			    arena_printf(f->arena, "{\"name\":\"%s\",\"password\":\"%s\"}", name, FIXTURE_PASSWORD));

	assert_int_equal(answer.status, 201);
	return arena_printf(f->arena, "Authorization: Bearer %s\r\n", answer_text(f, &answer, "token"));
}
