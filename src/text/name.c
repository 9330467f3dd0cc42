/* Folding: each Cyrillic letter becomes the letters of a passport (translit.def), each Latin one loses its
 * marks. What then still differs between the tables (Қ is K and Q, Ж is ZH and J, Й is I and Y …) is
 * made one by rewriting pairs, the same way whatever script the name came in, until nothing
 * changes. So spellings meet although each rule is blind to where it came from; the price is that
 * a few different names meet too (Асхат, Ашат), which a search wants rather than fears. */
#include "text/name.h"
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include "base/strbuf.h"
#include "text/utf8.h"

enum { MARKS_MAX = 2, HYPHEN = 0x2010, NO_BREAK_HYPHEN = 0x2011 };

static const struct {
	uint32_t letter;
	const char *icao;
} translits[] = {
#define TRANSLIT(letter, icao) { letter, icao },
#include "text/translit.def"
#undef TRANSLIT
};

static const struct {
	uint32_t latin;
	uint32_t cyrillic;
} lookalikes[] = {
#define LOOKALIKE(latin, cyrillic) { latin, cyrillic },
#include "text/lookalike.def"
#undef LOOKALIKE
};

/* Letters of neighbours that the table lacks, and Latin letters whose mark says more than a strip would keep
 * (ICAO 9303 part 3, section 6; the Latin draft of 2021 for ş, ŋ). */
static const struct {
	uint32_t letter;
	const char *icao;
} others[] = {
	{ 0x0491, "G" },  { 0x0454, "IE" }, { 0x0457, "I" },  { 0x045E, "U" },  { 0x04B3, "H" },  { 0x04B7, "J" },
	{ 0x04E3, "I" },  { 0x04EF, "U" },  { 0x0497, "J" },  { 0x04A1, "K" },  { 0x0499, "Z" },  { 0x04AB, "S" },
	{ 0x0458, "J" },  { 0x0455, "S" },  { 0x0131, "I" },  { 0x015F, "SH" }, { 0x0219, "SH" }, { 0x0161, "SH" },
	{ 0x00E7, "CH" }, { 0x010D, "CH" }, { 0x017E, "ZH" }, { 0x014B, "N" },  { 0x0259, "A" },  { 0x01DD, "A" },
	{ 0x0275, "O" },  { 0x00F8, "O" },  { 0x00E6, "AE" }, { 0x0153, "OE" }, { 0x00DF, "SS" }, { 0x0142, "L" },
	{ 0x0111, "D" },  { 0x00F0, "D" },  { 0x00FE, "TH" }, { 0x0127, "H" },
};

static bool
is_apostrophe(uint32_t c)
{
	/* ' ` ´ ʹ ʺ ʻ ʼ ʽ ‘ ’ ′ */
	return c == '\'' || c == '`' || c == 0xB4 || (c >= 0x2B9 && c <= 0x2BD) || c == 0x2018 || c == 0x2019 ||
	       c == 0x2032;
}

static bool
is_hyphen(uint32_t c)
{
	return c == '-' || c == HYPHEN || c == NO_BREAK_HYPHEN;
}

static bool
is_of(uint32_t c, UScriptCode wanted)
{
	UErrorCode status = U_ZERO_ERROR;

	return uscript_getScript((UChar32)c, &status) == wanted;
}

static bool
is_letter(uint32_t c)
{
	return u_isalpha((UChar32)c) && (is_of(c, USCRIPT_CYRILLIC) || is_of(c, USCRIPT_LATIN));
}

bool
name_is_valid(const char *text)
{
	size_t letters = 0;
	int marks = MARKS_MAX;

	if (!utf8_is_valid(text, strlen(text)))
		return false;
	while (*text != '\0') {
		uint32_t c = utf8_next(&text);

		if (u_charType((UChar32)c) == U_NON_SPACING_MARK) {
			if (marks++ >= MARKS_MAX)
				return false;
		} else if (is_letter(c)) {
			letters++;
			marks = 0;
		} else if (is_apostrophe(c) || ((is_hyphen(c) || c == ' ' || c == '.') && letters > 0)) {
			marks = MARKS_MAX;
		} else {
			return false;
		}
	}
	return letters > 0;
}

static uint32_t
lookalike(uint32_t c, bool to_cyrillic)
{
	for (size_t i = 0; i < ARRAY_COUNT(lookalikes); i++)
		if (c == (to_cyrillic ? lookalikes[i].latin : lookalikes[i].cyrillic))
			return to_cyrillic ? lookalikes[i].cyrillic : lookalikes[i].latin;
	return c;
}

struct word {
	uint32_t *letters; /* hyphens and apostrophes within too */
	size_t count;
};

/* A word whose letters come from both scripts: those that could be of the other one change to the
 * script of those that could not; where all could or both cannot, to the script of the more. */
static void
resolve_lookalikes(struct word *word)
{
	size_t latin = 0, cyrillic = 0, surely_latin = 0, surely_cyrillic = 0;

	for (size_t i = 0; i < word->count; i++) {
		uint32_t c = word->letters[i];

		if (is_of(c, USCRIPT_CYRILLIC)) {
			cyrillic++;
			surely_cyrillic += lookalike(c, false) == c;
		} else if (is_of(c, USCRIPT_LATIN)) {
			latin++;
			surely_latin += lookalike(c, true) == c;
		}
	}
	if (latin == 0 || cyrillic == 0)
		return;
	bool to_cyrillic = (surely_latin > 0) != (surely_cyrillic > 0) ? surely_cyrillic > 0 : cyrillic >= latin;

	for (size_t i = 0; i < word->count; i++) {
		uint32_t c = word->letters[i];

		if (is_of(c, to_cyrillic ? USCRIPT_LATIN : USCRIPT_CYRILLIC))
			word->letters[i] = lookalike(c, to_cyrillic);
	}
}

/* The letter under the marks: é is e; for one without marks the letter itself. */
static uint32_t
base_letter(uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
	UChar units[8];
	UChar32 base = (UChar32)c;
	int32_t count = unorm2_getDecomposition(nfd, (UChar32)c, units, (int32_t)ARRAY_COUNT(units), &status);

	if (U_SUCCESS(status) && count > 0)
		U16_GET(units, 0, 0, count, base);
	return (uint32_t)base;
}

/* What a passport writes for a small letter, "" for none, NULL where no table tells. */
static const char *
icao_letters(uint32_t c, char own[static 2])
{
	for (size_t i = 0; c >= 0x400 && i < ARRAY_COUNT(translits); i++)
		if (translits[i].letter == c)
			return translits[i].icao;
	for (size_t i = 0; c >= 0x80 && i < ARRAY_COUNT(others); i++)
		if (others[i].letter == c)
			return others[i].icao;
	uint32_t base = c < 0x80 ? c : base_letter(c);

	if (base >= 'a' && base <= 'z') {
		own[0] = (char)(base - 'a' + 'A');
		own[1] = '\0';
		return own;
	}
	return base != c ? icao_letters(base, own) : NULL;
}

/* Splits NFC text at blanks, dots and, when `at_hyphens`, hyphens. */
static bool
next_word(const char **text, bool at_hyphens, struct word *word)
{
	word->count = 0;
	while (**text != '\0') {
		uint32_t c = utf8_next(text);

		if (c == ' ' || c == '.' || (at_hyphens && is_hyphen(c))) {
			if (word->count > 0)
				return true;
			continue;
		}
		word->letters[word->count++] = c;
	}
	return word->count > 0;
}

static const char *
prepare(struct arena *arena, const char *text, struct word *word)
{
	size_t bytes = strlen(text);

	/* Whoever asks has checked the text; a broken one still must not be read beyond its end. */
	if (!utf8_is_valid(text, bytes)) {
		text = "";
		bytes = 0;
	}
	const char *normal = utf8_normalise(arena, text, bytes);

	word->letters = arena_array_of(arena, uint32_t, strlen(normal) + 1);
	return normal;
}

struct rule {
	char pair[3];
	char becomes;
};

/* First the digraphs, to one letter each: x is sh, c is ch, C a Latin c of its own. */
static const struct rule digraphs[] = {
	{ "zh", 'j' }, { "sh", 'x' }, { "Ch", 'c' }, { "kh", 'h' }, { "gh", 'g' }, { "sc", 'x' },
};
/* Then what the tables write with one letter or two: ң n ng, и й ий i iy, е e ye, ё e yo; and doubles. */
static const struct rule vowels[] = {
	{ "ng", 'n' },
	{ "ie", 'e' },
	{ "io", 'e' },
};

static void
push(char *letters, size_t *count, char c, const struct rule *rules, size_t rule_count)
{
	letters[(*count)++] = c;
	for (size_t i = 0; *count >= 2 && i < rule_count; i++) {
		if (letters[*count - 2] != rules[i].pair[0] || letters[*count - 1] != rules[i].pair[1])
			continue;
		*count -= 1;
		letters[*count - 1] = rules[i].becomes;
		i = (size_t)-1; /* the new letter may make a pair with the one before */
	}
}

/* In place; the result is never longer. */
static size_t
rewrite(char *letters, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		push(letters, &kept, letters[i], digraphs, ARRAY_COUNT(digraphs));
	count = kept;
	kept = 0;
	for (size_t i = 0; i < count; i++) {
		char c = letters[i] == 'C' ? 'k' : letters[i];

		if (kept > 0 && letters[kept - 1] == c)
			continue;
		push(letters, &kept, c, vowels, ARRAY_COUNT(vowels));
		if (kept >= 2 && letters[kept - 1] == letters[kept - 2])
			kept--;
	}
	return kept;
}

/* One capital of ICAO's 26 as the stream of small letters that the rules read. */
static void
add_plain(struct strbuf *out, char c)
{
	switch (c) {
	case 'Q':
		strbuf_char(out, 'k');
		break;
	case 'W':
		strbuf_char(out, 'v');
		break;
	case 'Y':
		strbuf_char(out, 'i');
		break;
	case 'X':
		strbuf_text(out, "ks");
		break;
	case 'J':
		strbuf_char(out, 'j');
		break;
	case 'C':
		strbuf_char(out, 'C');
		break;
	default:
		strbuf_char(out, (char)(c - 'A' + 'a'));
	}
}

static void
fold_word(const struct word *word, struct strbuf *out)
{
	char own[2];

	for (size_t i = 0; i < word->count; i++) {
		uint32_t c = (uint32_t)u_tolower((UChar32)word->letters[i]);
		const char *icao = icao_letters(c, own);

		/* Ъ is IE in ICAO and a prime in BGN; leaving it out is what both forms come nearest to. */
		if (c == 0x044A || is_apostrophe(c))
			continue;
		if (icao == NULL) {
			if (u_charType((UChar32)c) != U_NON_SPACING_MARK)
				utf8_add(out, c);
			continue;
		}
		for (; *icao != '\0'; icao++)
			add_plain(out, *icao);
	}
	if (out->bytes > 0) {
		out->bytes = rewrite(out->text, out->bytes);
		out->text[out->bytes] = '\0';
	}
}

/* Patronymics are written in one word or two: Ахметұлы, Ахмет ұлы. */
static bool
is_patronymic_ending(const char *folded)
{
	static const char *const endings[] = { "uli", "kizi", "ogli" };

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
		if (strcmp(folded, endings[i]) == 0)
			return true;
	return false;
}

char *
name_fold(struct arena *arena, const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	AUTO(strbuf_done) struct strbuf folded = { 0 };
	struct word word = { 0 };
	const char *rest = prepare(arena, text, &word);

	while (next_word(&rest, true, &word)) {
		resolve_lookalikes(&word);
		strbuf_clear(&folded);
		fold_word(&word, &folded);
		if (folded.bytes == 0)
			continue;
		if (out.bytes > 0 && !is_patronymic_ending(folded.text))
			strbuf_char(&out, ' ');
		strbuf_add(&out, folded.text, folded.bytes);
	}
	return arena_copy(arena, out.text, out.bytes);
}

static char
coarse_letter(char c)
{
	switch (c) {
	case 'e':
		return 'a';
	case 'o':
		return 'u';
	case 'h':
		return 'k';
	case 'f':
		return 'v';
	case 'c':
		return 'x';
	default:
		return c;
	}
}

size_t
name_coarse(const char *folded, size_t bytes, char *ret_coarse)
{
	size_t count = 0;

	for (size_t i = 0; i < bytes; i++) {
		char next = i + 1 < bytes ? folded[i + 1] : '\0';
		char c = coarse_letter(folded[i]);

		/* Ways to write ж and ч: dj, tch. */
		if ((c == 'd' && next == 'j') || (c == 't' && next == 'c'))
			continue;
		if (count == 0 || ret_coarse[count - 1] != c)
			ret_coarse[count++] = c;
	}
	ret_coarse[count] = '\0';
	return count;
}

bool
name_same(struct arena *arena, const char *a, const char *b)
{
	const char *first = name_fold(arena, a);
	const char *second = name_fold(arena, b);

	return first[0] != '\0' && strcmp(first, second) == 0;
}

char *
name_icao(struct arena *arena, const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct word word = { 0 };
	const char *rest = prepare(arena, text, &word);
	char own[2];

	while (next_word(&rest, false, &word)) {
		resolve_lookalikes(&word);
		if (out.bytes > 0)
			strbuf_char(&out, ' ');
		for (size_t i = 0; i < word.count; i++) {
			uint32_t c = (uint32_t)u_tolower((UChar32)word.letters[i]);
			const char *letters = is_hyphen(c) ? "-" : icao_letters(c, own);

			strbuf_text(&out, letters == NULL ? "" : letters);
		}
	}
	return arena_copy(arena, out.text, out.bytes);
}

/* The Kazakh alphabet's order, blanks and marks before it, Latin letters behind, then all else. */
static uint32_t
sort_weight(uint32_t c)
{
	static const char alphabet[] =
		"а ә б в г ғ д е ё ж з и й к қ л м н ң о ө п р с т у ұ ү ф х һ ц ч ш щ ъ ы і ь э ю я";
	static const uint32_t latin_from = 1000, others_from = 10000;
	uint32_t weight = 10;

	c = (uint32_t)u_tolower((UChar32)c);
	if (c < 'a')
		return c == ' ' ? 1 : is_hyphen(c) ? 2 : 3;
	if (c < 0x80)
		return latin_from + c * 2;
	for (const char *p = alphabet; c >= 0x400 && c < 0x530 && *p != '\0'; weight++) {
		if (utf8_next(&p) == c)
			return weight;
		p += *p == ' ';
	}
	uint32_t base = base_letter(c);

	return base >= 'a' && base <= 'z' ? latin_from + base * 2 + 1 : others_from + c;
}

int
name_compare(const char *a, const char *b)
{
	const char *first = a;
	const char *second = b;

	while (*first != '\0' && *second != '\0') {
		uint32_t left = sort_weight(utf8_next(&first));
		uint32_t right = sort_weight(utf8_next(&second));

		if (left != right)
			return left < right ? -1 : 1;
	}
	if (*first != *second)
		return *first == '\0' ? -1 : *second == '\0' ? 1 : strcmp(a, b);
	return strcmp(a, b);
}
