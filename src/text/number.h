/* number.h - identification numbers of Kazakhstan (IIN, BIN: docs/domain.md, section 8), travel document
 * numbers, phones, e-mail, countries. Pure functions. */
#pragma once
#include "base/problem.h"

/* Twelve digits; blanks around them do not matter, anything between them does. Exactly one message on ERR_BAD_INPUT. */
NODISCARD enum error iin_parse(const char *text, int64_t *ret_iin, enum message *ret_wrong);
NODISCARD enum error bin_parse(const char *text, int64_t *ret_bin, enum message *ret_wrong);
/* Twelve digits with leading zeros. */
const char *iin_print(int64_t iin, char text[static 16]);
/* The birth day in a valid IIN; DAY_NONE where the century digit (0) does not tell. sex: 'm', 'f', 0. */
int64_t iin_birth_day(int64_t iin);
char iin_sex(int64_t iin);
/* Fills in the check digit of a number whose last digit is 0; -1 where no such number is issued. */
int64_t iin_complete(int64_t without_check);

/* "UZB AA1234567", "UZB:AA1234567": ICAO 9303 state, then 4..20 letters and digits (blanks and hyphens are
 * skipped; Cyrillic capitals that look Latin are taken for them). Gives "UZB:AA1234567". In the arena. */
NODISCARD enum error document_parse(struct arena *arena, const char *text, const char **ret_document,
				    enum message *ret_wrong);
/* E.164 with +; 8 7xx … and 7xx … of Kazakhstan are completed. */
NODISCARD enum error phone_parse(struct arena *arena, const char *text, const char **ret_phone);
/* RFC 5321 without quotes and comments; the domain in small letters and punycode (почта.қаз), the local part
 * as written. */
NODISCARD enum error email_parse(struct arena *arena, const char *text, const char **ret_email);
/* ISO 3166-1 alpha-2 or alpha-3, any case; the capital alpha-2 (static). */
NODISCARD enum error country_parse(const char *text, const char **ret_alpha2);
/* ICAO 9303 code of a state or issuing body; its name, NULL when unknown. */
const char *document_state_name(const char *code);
