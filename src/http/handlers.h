/* handlers.h - what the table of routes points at, file by file. A handler reads its request, calls one
 * function of the floors below, and either replies (request.h) or returns an error, never both. */
#pragma once
#include "http/request.h"

/* acts.c */
enum error act_new_post(struct request *request);
enum error act_record_post(struct request *request);
enum error act_agree_post(struct request *request);
enum error act_refuse_post(struct request *request);

/* records.c */
enum error records_get(struct request *request);
enum error record_get(struct request *request);
enum error record_history_get(struct request *request);
enum error record_file_get(struct request *request);
enum error inbox_get(struct request *request);

/* trail.c */
enum error lookups_get(struct request *request);
enum error history_get(struct request *request);

/* answers.c */
enum error answer_get(struct request *request);
enum error answer_post(struct request *request);
enum error answer_page_get(struct request *request);
enum error answer_page_post(struct request *request);
enum error counter_link_post(struct request *request);

/* page_start.c */
enum error start_page_get(struct request *request);
enum error page_file_get(struct request *request);

/* page_problem.c */
enum error problem_type_get(struct request *request);

/* sessions.c */
enum error session_post(struct request *request);
enum error session_delete(struct request *request);
enum error me_get(struct request *request);
enum error password_post(struct request *request);

/* accounts.c */
enum error account_post(struct request *request);
enum error accounts_get(struct request *request);
enum error account_get(struct request *request);
enum error account_delete(struct request *request);
enum error account_role_post(struct request *request);
enum error account_role_delete(struct request *request);
enum error account_code_post(struct request *request);
enum error account_token_post(struct request *request);
enum error account_token_delete(struct request *request);

/* findings.c */
enum error findings_get(struct request *request);
enum error finding_get(struct request *request);

/* oversight.c */
enum error oversight_entry_post(struct request *request);
enum error audit_get(struct request *request);

/* lookups.c */
enum error lookup_post(struct request *request);

/* searches.c */
enum error search_post(struct request *request);

/* packs.c */
enum error pack_get(struct request *request);
enum error schema_get(struct request *request);
enum error law_get(struct request *request);
enum error view_get(struct request *request);
enum error openapi_get(struct request *request);

/* statistics.c */
enum error statistics_get(struct request *request);
enum error statistic_get(struct request *request);

/* places.c */
enum error places_get(struct request *request);

/* files.c */
enum error file_post(struct request *request);
enum error file_get(struct request *request);

/* tlog.c */
enum error entry_proof_get(struct request *request);
enum error tlog_checkpoint_get(struct request *request);
enum error tlog_vkey_get(struct request *request);
enum error tlog_tile_get(struct request *request);

/* operations.c */
enum error health_get(struct request *request);
enum error metrics_get(struct request *request);

/* demo.c */
enum error demo_clock_get(struct request *request);
enum error demo_clock_post(struct request *request);
