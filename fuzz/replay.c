/* replay.c - runs a fuzz target once on each file of a folder: what fuzzing found stays found,
 * with any compiler. Usage: json_fuzz FOLDER. A folder without files fails. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/strbuf.h"
#include "fuzz.h"

static bool
run_file(const char *path)
{
	AUTO(strbuf_done) struct strbuf content = { 0 };
	char block[65536];
	size_t got = 0;
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		perror(path);
		return false;
	}
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		strbuf_add(&content, block, got);
	fclose(file);
	/* A copy of exactly this size, so that a sanitizer sees a step beyond it. */
	uint8_t *exact = malloc(content.bytes == 0 ? 1 : content.bytes);

	if (exact == NULL)
		return false;
	for (size_t i = 0; i < content.bytes; i++)
		exact[i] = (uint8_t)content.text[i];
	LLVMFuzzerTestOneInput(exact, content.bytes);
	free(exact);
	return true;
}

int
main(int count, char **words)
{
	char path[4096];
	int ran = 0;
	DIR *folder = count == 2 ? opendir(words[1]) : NULL;

	if (folder == NULL) {
		fprintf(stderr, "usage: %s FOLDER\n", words[0]);
		return 2;
	}
	for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", words[1], entry->d_name);
		if (!run_file(path)) {
			closedir(folder);
			return 1;
		}
		ran++;
	}
	closedir(folder);
	printf("%d files\n", ran);
	return ran > 0 ? 0 : 1;
}
