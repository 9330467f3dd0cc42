/* load_view.c - `views` of a register. */
#include <string.h>
#include "pack/load.h"

static void
read_keys(struct loader *loader, const struct words *words, struct view *view)
{
	const struct node *items = NULL;
	size_t count = words_list(loader->arena, words, "keys", &items);
	const char **keys = arena_array_of(loader->arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		keys[view->key_count++] = items[i].text;
	view->keys = keys;
}

/* A statistic is computed over a month; every other view shows what is. */
static void
check_select(struct loader *loader, const struct words *words, const struct view *view)
{
	static const char *const month[] = { "from", "until", NULL };
	struct sql_scope scope = { .what = "a view", .no_this = "a view is about all records" };

	if (view->monthly) {
		scope.what = "a monthly view";
		scope.parameters = month;
	}
	if (view->select != NULL)
		load_check_select(loader, words_at(words, "select"), view->select, &scope);
}

static void
check_kinds(struct loader *loader, const struct words *words, const struct view *view)
{
	if (view->audit && view->is_public)
		load_fault(loader, words_at(words, "audit"),
			   "the view “%s” shows what officials did: it cannot be public", view->name);
	if (view->audit && view->monthly)
		load_fault(loader, words_at(words, "monthly"), "the view “%s” is either for an audit or a statistic",
			   view->name);
}

static void
read_view(struct loader *loader, struct draft_reg *draft, const char *name, const struct words *words,
	  struct place_in_file at)
{
	struct view *view = ARENA_PUSH(loader->arena, loader->views, loader->pack->view_count, loader->view_capacity);

	*view = (struct view){ .name = name,
			       .reg = draft->reg,
			       .select = words_text(words, "select"),
			       .is_public = words_flag(words, "public", false),
			       .audit = words_flag(words, "audit", false),
			       .monthly = words_flag(words, "monthly", false),
			       .at = at };
	read_keys(loader, words, view);
	check_select(loader, words, view);
	check_kinds(loader, words, view);
	loader->pack->views = loader->views;
}

void
load_views(struct loader *loader, struct draft_reg *draft)
{
	const struct node *node = words_get(&draft->words, "views");

	for (size_t i = 0; node != NULL && i < node->count; i++) {
		struct place_in_file at = { draft->words.file, node->key_lines[i] };
		struct words words = words_read(loader, at.file, &node->items[i], at.line, WORDS_VIEW);
		const char *name = node->keys[i];
		bool twice = pack_view(loader->pack, name) != NULL;

		if (scalar_is_name(name) && !twice)
			read_view(loader, draft, name, &words, at);
		else
			load_fault(loader, at,
				   twice ? "another view is named “%.60s” too" : "“%.60s” is no name of a view", name);
	}
}
