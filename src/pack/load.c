#include "pack/load.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "text/digest.h"

enum { FOLDER_DEPTH_MAX = 4, SOURCE_BYTES_MAX = 64 * 1024 * 1024, SOURCES_MAX = 20000 };

static void
close_file(FILE **file)
{
	if (*file != NULL)
		IGNORE(fclose(*file)); /* it was only read */
}

static void
close_folder(DIR **folder)
{
	if (*folder != NULL)
		IGNORE(closedir(*folder));
}

static enum error
read_source(struct loader *loader, const char *directory, const char *path, size_t bytes)
{
	const char *full = arena_printf(loader->arena, "%s/%s", directory, path);
	__attribute__((cleanup(close_file))) FILE *file = fopen(full, "rb");

	if (file == NULL)
		return ERR_IO;
	char *text = arena_take(loader->arena, bytes + 1);

	if (fread(text, 1, bytes, file) != bytes)
		return ERR_IO;
	*ARENA_PUSH(loader->arena, loader->sources, loader->source_count, loader->source_capacity) =
		(struct source){ .path = path, .text = text, .bytes = bytes };
	return OK;
}

static enum error read_folder(struct loader *loader, const char *directory, const char *below, int depth);

static enum error
read_item(struct loader *loader, const char *directory, const char *path, int depth)
{
	struct place_in_file at = { path, 0 };
	struct stat status;

	if (stat(arena_printf(loader->arena, "%s/%s", directory, path), &status) != 0)
		return ERR_IO;
	if (S_ISDIR(status.st_mode))
		return read_folder(loader, directory, path, depth + 1);
	if (!S_ISREG(status.st_mode))
		load_fault(loader, at, "a pack holds files and folders only");
	else if (status.st_size > SOURCE_BYTES_MAX)
		load_fault(loader, at, "the file is larger than %d bytes", SOURCE_BYTES_MAX);
	else
		return read_source(loader, directory, path, (size_t)status.st_size);
	return OK;
}

/* Hidden files (of editors and version control) are no part of a pack. */
static enum error
read_folder(struct loader *loader, const char *directory, const char *below, int depth)
{
	const char *full = below[0] == '\0' ? directory : arena_printf(loader->arena, "%s/%s", directory, below);
	__attribute__((cleanup(close_folder))) DIR *folder = opendir(full);

	if (folder == NULL || loader->source_count > SOURCES_MAX)
		return ERR_IO;
	if (depth > FOLDER_DEPTH_MAX) {
		load_fault(loader, (struct place_in_file){ below, 0 }, "folders are nested deeper than %d",
			   FOLDER_DEPTH_MAX);
		return OK;
	}
	for (struct dirent *item = readdir(folder); item != NULL; item = readdir(folder)) {
		if (item->d_name[0] == '.')
			continue;
		const char *path = below[0] == '\0' ? arena_text(loader->arena, item->d_name)
						    : arena_printf(loader->arena, "%s/%s", below, item->d_name);

		TRY(read_item(loader, directory, path, depth));
	}
	return OK;
}

static int
compare_sources(const void *left, const void *right)
{
	const struct source *a = left, *b = right;

	return strcmp(a->path, b->path);
}

/* Path and bytes of each file, both with their length before them, so that nothing can move across a border. */
static void
take_digest(struct loader *loader)
{
	AUTO(digest_free) struct digest *digest = digest_new();

	for (size_t i = 0; i < loader->source_count; i++) {
		const struct source *source = &loader->sources[i];
		const size_t counts[2] = { strlen(source->path), source->bytes };
		const void *const parts[2] = { source->path, source->text };

		for (int part = 0; part < 2; part++) {
			unsigned char length[8];

			for (int byte = 0; byte < 8; byte++)
				length[byte] = (unsigned char)((uint64_t)counts[part] >> (56 - 8 * byte));
			digest_add(digest, length, sizeof(length));
			digest_add(digest, parts[part], counts[part]);
		}
	}
	digest_finish(digest, loader->pack->digest);
}

static void
hash_file(struct loader *loader, struct digest *digest, const char *path, unsigned char hash[static DIGEST_BYTES])
{
	for (size_t i = 0; i < loader->source_count; i++)
		if (strcmp(loader->sources[i].path, path) == 0)
			digest_add(digest, loader->sources[i].text, loader->sources[i].bytes);
	digest_finish(digest, hash);
}

static void
add_counted(struct digest *digest, const void *bytes, size_t count)
{
	unsigned char length[4] = { (unsigned char)(count >> 24), (unsigned char)(count >> 16),
				    (unsigned char)(count >> 8), (unsigned char)count };

	digest_add(digest, length, sizeof(length));
	digest_add(digest, bytes, count);
}

static bool
is_provision_file(const char *path)
{
	size_t length = strlen(path);

	return strncmp(path, "law/", 4) == 0 && length > 8 && strcmp(path + length - 4, ".sql") == 0;
}

/* What an open entry of kind 4 says of the rules in use (docs/ledger.md, section 2). */
static void
take_rules_digest(struct loader *loader)
{
	static const char *const files[] = { "retention.yaml", "purposes.yaml", "codes.yaml" };
	AUTO(digest_free) struct digest *digest = digest_new();
	unsigned char hashes[4][DIGEST_BYTES];

	for (size_t i = 0; i < ARRAY_COUNT(files); i++)
		hash_file(loader, digest, files[i], hashes[i]);
	for (size_t i = 0; i < loader->source_count; i++) {
		const struct source *source = &loader->sources[i];

		if (!is_provision_file(source->path))
			continue;
		add_counted(digest, source->path, strlen(source->path));
		add_counted(digest, source->text, source->bytes);
	}
	digest_finish(digest, hashes[3]);
	digest_add(digest, hashes, sizeof(hashes));
	digest_finish(digest, loader->pack->rules_digest);
}

struct source *
load_source(struct loader *loader, const char *path)
{
	struct source key = { .path = path };
	struct source *source = loader->source_count == 0 ? NULL
							  : bsearch(&key, loader->sources, loader->source_count,
								    sizeof(key), compare_sources);

	if (source != NULL)
		source->used = true;
	return source;
}

bool
load_yaml(struct loader *loader, const char *path, bool required, const struct node **ret_documents, size_t *ret_count)
{
	const struct source *source = load_source(loader, path);
	struct problem problem;

	*ret_documents = NULL;
	*ret_count = 0;
	if (source == NULL) {
		if (required)
			load_fault(loader, (struct place_in_file){ path, 0 }, "the pack lacks this file");
		return false;
	}
	problem_init(&problem, loader->arena);
	if (node_parse_yaml(loader->arena, path, source->text, source->bytes, &problem, ret_documents, ret_count) == OK)
		return true;
	for (size_t i = 0; i < problem.item_count; i++) {
		const struct problem_item *item = &problem.items[i];

		load_fault(loader, (struct place_in_file){ path, item->line }, "%s",
			   message_print(loader->arena, item->message, LANGUAGE_EN, item->arguments));
	}
	return false;
}

const struct node *
load_yaml_map(struct loader *loader, const char *path, bool required, bool *ret_broken)
{
	const struct node *documents = NULL;
	size_t count = 0;
	bool is_there = load_source(loader, path) != NULL;

	*ret_broken = false;
	if (!load_yaml(loader, path, required, &documents, &count)) {
		*ret_broken = is_there || required;
		return NULL;
	}
	if (count == 0)
		return NULL;
	if (count == 1 && documents[0].kind == NODE_MAP)
		return &documents[0];
	*ret_broken = true;
	load_fault(loader, (struct place_in_file){ path, count > 1 ? documents[1].line : documents[0].line },
		   "this file holds one mapping");
	return NULL;
}

struct draft_reg *
load_find_reg(struct loader *loader, const char *name)
{
	for (size_t i = 0; i < loader->reg_count; i++)
		if (strcmp(loader->regs[i].name, name) == 0)
			return &loader->drafts[i];
	return NULL;
}

struct draft_reg *
load_need_reg(struct loader *loader, struct place_in_file at, const char *name)
{
	struct draft_reg *draft = load_find_reg(loader, name);

	if (draft != NULL || loader->regs_incomplete)
		return draft;
	const char **names = arena_array_of(loader->arena, const char *, loader->reg_count + 1);

	for (size_t i = 0; i < loader->reg_count; i++)
		names[i] = loader->regs[i].name;
	load_fault(loader, at, "there is no register “%s”%s", name,
		   load_nearest(loader, name, names, loader->reg_count));
	return NULL;
}

const struct field *
load_need_field(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name)
{
	const struct field *field = reg_field(draft->reg, name);

	if (field != NULL || draft->fields.incomplete)
		return field;
	const char **names = arena_array_of(loader->arena, const char *, draft->fields.count + 1);

	for (size_t i = 0; i < draft->fields.count; i++)
		names[i] = draft->fields.fields[i].name;
	load_fault(loader, at, "the register “%s” has no field “%s”%s", draft->reg->name, name,
		   load_nearest(loader, name, names, draft->fields.count));
	return NULL;
}

static void
report_no_action(struct loader *loader, struct place_in_file at, const struct draft_reg *draft, const char *name)
{
	const char **names = arena_array_of(loader->arena, const char *, draft->action_count + 1);

	if (draft->actions_broken)
		return;
	for (size_t i = 0; i < draft->action_count; i++)
		names[i] = draft->actions[i].action->name;
	load_fault(loader, at, "the register “%s” has no action “%s”%s", draft->reg->name, name,
		   load_nearest(loader, name, names, draft->action_count));
}

struct draft_action *
load_need_action(struct loader *loader, struct place_in_file at, const char *text, struct draft_reg **ret_reg)
{
	const char *dot = strchr(text, '.');

	if (dot == NULL || !scalar_is_name(dot + 1)) {
		load_fault(loader, at, "expected register.action, found “%.60s”", text);
		return NULL;
	}
	struct draft_reg *draft = load_need_reg(loader, at, arena_copy(loader->arena, text, (size_t)(dot - text)));

	if (draft == NULL)
		return NULL;
	for (size_t i = 0; i < draft->action_count; i++)
		if (strcmp(draft->actions[i].action->name, dot + 1) == 0) {
			*ret_reg = draft;
			return &draft->actions[i];
		}
	report_no_action(loader, at, draft, dot + 1);
	return NULL;
}

/* Files in the pack's own folders that nothing reads are most likely misspelt. */
static void
report_unread(struct loader *loader)
{
	static const char *const folders[] = { "registers/", "law/", "tables/", "text/" };

	for (size_t i = 0; i < loader->source_count; i++) {
		const struct source *source = &loader->sources[i];

		for (size_t f = 0; f < ARRAY_COUNT(folders) && !source->used; f++)
			if (strncmp(source->path, folders[f], strlen(folders[f])) == 0)
				load_warn(loader, (struct place_in_file){ source->path, 0 }, "nothing reads this file");
	}
}

/* The order matters: names first, then whatever refers to them. */
static void
read_all(struct loader *loader)
{
	load_basics(loader);
	load_tables(loader);
	load_places(loader);
	load_register_names(loader);
	load_role_names(loader);
	load_registers(loader);
	load_table_names(loader);
	load_roles(loader);
	load_law(loader);
	load_texts(loader);
	load_check_texts(loader);
	load_check_special(loader);
	report_unread(loader);
	load_codes(loader);
}

static enum error
load(const char *directory, bool codes_may_miss, struct pack_report *report, struct pack **ret_pack)
{
	struct arena *arena = arena_new();
	AUTO(pack_free) struct pack *pack = arena_new_of(arena, struct pack);
	struct loader loader = {
		.arena = arena,
		.pack = pack,
		.report = report,
		.errors_before = report->error_count,
		.codes_may_miss = codes_may_miss,
	};

	pack->arena = arena;
	TRY(read_folder(&loader, directory, "", 0));
	if (loader.source_count > 1)
		qsort(loader.sources, loader.source_count, sizeof(*loader.sources), compare_sources);
	take_digest(&loader);
	take_rules_digest(&loader);
	read_all(&loader);
	load_sort_report(report);
	if (report->error_count > loader.errors_before)
		return ERR_BAD_INPUT;
	*ret_pack = TAKE(pack);
	return OK;
}

enum error
pack_load(const char *directory, struct pack_report *report, struct pack **ret_pack)
{
	return load(directory, false, report, ret_pack);
}

enum error
pack_load_uncoded(const char *directory, struct pack_report *report, struct pack **ret_pack)
{
	return load(directory, true, report, ret_pack);
}
