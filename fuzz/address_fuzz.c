/* Whatever is typed as an address comes apart into words and numbers without blanks, none of them empty. */
#include <string.h>
#include "base/arena.h"
#include "fuzz.h"
#include "registry/address_text.h"
#include "text/utf8.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct address_text address;
	struct address_words words;

	if (count > 4096 || memchr(bytes, '\0', count) != NULL || !utf8_is_valid((const char *)bytes, count))
		return 0;
	const char *text = arena_copy(arena, bytes, count);

	address_parse(arena, text, &address);
	assert(address.words.count <= ADDRESS_WORDS_MAX && address.before_count <= ADDRESS_NUMBERS_MAX &&
	       address.behind_count <= ADDRESS_NUMBERS_MAX);
	for (size_t i = 0; i < address.words.count; i++)
		assert(address.words.items[i][0] != '\0' && strchr(address.words.items[i], ' ') == NULL);
	for (size_t i = 0; i < address.behind_count; i++)
		assert(address.behind[i][0] != '\0' && strchr(address.behind[i], ' ') == NULL);
	if (address_fold(arena, text, &words))
		assert(words.count <= ADDRESS_WORDS_MAX);
	return 0;
}
