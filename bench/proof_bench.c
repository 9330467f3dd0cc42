/* proof_bench.c - what a proof costs: proof-bench [LEAVES]. One core, the whole tree in memory, random entries, the
 * processor's own time: other work on the machine slows the core but does not count. The limit of checking is the node
 * hash, of building the reads of memory; both are measured in the same run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "ledger/tree_testing.h"

enum { LEAVES_DEFAULT = 4999999, ROUNDS = 500000, KEPT = 4096 };

#define MUST(call)                                             \
	do {                                                   \
		if ((call) != OK) {                            \
			fprintf(stderr, "%s failed\n", #call); \
			exit(3);                               \
		}                                              \
	} while (0)

static double
spent_us(void)
{
	struct timespec spent;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) != 0)
		exit(3);
	return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

static double
report(const char *what, double begun_us, int64_t count, double target)
{
	double took_us = spent_us() - begun_us + 1e-3;
	double rate = (double)count * 1e6 / took_us;

	printf("%-44s %8.0f ns %12.0f /s", what, took_us * 1000 / (double)count, rate);
	if (target > 0)
		printf("   target %.0f: %s", target, rate >= target ? "met" : "MISSED");
	printf("\n");
	return rate;
}

static uint64_t
random_below(uint64_t limit)
{
	static uint64_t chance = 88172645463325252;

	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return chance % limit;
}

static double
bench_hashes(void)
{
	unsigned char hash[TREE_HASH_BYTES] = { 0 }, entry[130] = { 0x01, 0x01 };
	double begun_us = spent_us();

	for (int i = 0; i < 4 * ROUNDS; i++) {
		memcpy(entry + 2, hash, sizeof(hash));
		tree_leaf_hash(entry, sizeof(entry), hash);
	}
	report("leaf hash of a sealed entry (130 bytes)", begun_us, 4 * ROUNDS, 0);
	begun_us = spent_us();
	for (int i = 0; i < 10 * ROUNDS; i++)
		tree_node_hash(hash, hash, hash);
	return report("node hash", begun_us, 10 * ROUNDS, 0);
}

/* A proof's reads and nothing else: the siblings of a random leaf on every level. */
static void
bench_reads(const struct memory_tree *tree)
{
	struct proof proof;
	double begun_us = spent_us();

	for (int i = 0; i < 2 * ROUNDS; i++) {
		uint64_t node = random_below(tree->size);

		proof.count = 0;
		for (unsigned level = 0; (node ^ 1) < tree->size >> level; level++, node >>= 1)
			memcpy(proof.hashes[proof.count++], tree->levels[level][node ^ 1], TREE_HASH_BYTES);
		__asm__ volatile("" : : "r"(&proof) : "memory");
	}
	report("reading its hashes alone (limit of building)", begun_us, 2 * ROUNDS, 0);
}

static void
bench_building(const struct memory_tree *tree)
{
	struct proof_edge edge;
	struct proof proof;
	double begun_us = spent_us();

	MUST(proof_edge_load(&tree->source, tree->size, &edge));
	for (int i = 0; i < 2 * ROUNDS; i++)
		MUST(proof_edge_inclusion(&edge, &tree->source, random_below(tree->size), &proof));
	report("inclusion proof built, one size", begun_us, 2 * ROUNDS, 1e6);
	begun_us = spent_us();
	for (int i = 0; i < ROUNDS; i++)
		MUST(proof_inclusion(&tree->source, random_below(tree->size), tree->size, &proof));
	report("inclusion proof built, right edge each time", begun_us, ROUNDS, 0);
	begun_us = spent_us();
	for (int i = 0; i < ROUNDS; i++)
		MUST(proof_consistency(&tree->source, random_below(tree->size), tree->size, &proof));
	report("consistency proof built", begun_us, ROUNDS, 0);
}

static void
bench_checking(const struct memory_tree *tree, double node_rate)
{
	static struct proof proofs[KEPT];
	static uint64_t indexes[KEPT];
	unsigned char root[TREE_HASH_BYTES];
	size_t hashes = 0;

	MUST(proof_root(&tree->source, tree->size, root));
	for (int i = 0; i < KEPT; i++) {
		indexes[i] = random_below(tree->size);
		MUST(proof_inclusion(&tree->source, indexes[i], tree->size, &proofs[i]));
		hashes += proofs[i].count;
	}
	double begun_us = spent_us();

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t index = indexes[i % KEPT];

		MUST(proof_check_inclusion(index, tree->size, tree->levels[0][index], &proofs[i % KEPT], root));
	}
	double rate = report("inclusion proof checked", begun_us, ROUNDS, 250e3);
	double depth = (double)hashes / KEPT, limit = node_rate / depth;

	printf("%-44s %8.0f ns %12.0f /s   %.1f node hashes each; %.0f %% of it reached\n",
	       "limit of checking: the node hashes alone", 1e9 / limit, limit, depth, 100 * rate / limit);
}

int
main(int count, char **words)
{
	uint64_t leaves = count > 1 ? strtoull(words[1], NULL, 10) : LEAVES_DEFAULT;
	AUTO(memory_tree_done) struct memory_tree tree = { 0 };

	if (leaves < 2) {
		fprintf(stderr, "usage: %s [LEAVES]\n", words[0]);
		return 2;
	}
	double begun_us = spent_us();

	memory_tree_init(&tree, leaves);
	report("tree built, a leaf", begun_us, (int64_t)leaves, 0);
	double node_rate = bench_hashes();

	bench_reads(&tree);
	bench_building(&tree);
	bench_checking(&tree, node_rate);
	return 0;
}
