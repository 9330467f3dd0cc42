/* One provision: the headers of its comments and its SELECT, in the place of one of the small pack's. */
#include "fuzz.h"
#include "small_pack.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	small_begin();
	if (!small_put("law/library-act/late.sql", bytes, count))
		return 0;
	small_load();
	return 0;
}
