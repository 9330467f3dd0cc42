/* submit.h - the steps that all acts over HTTP share (acts.c); links use them too (answers.c). */
#pragma once
#include "http/request.h"

/* A new act with who, when, Idempotency-Key, If-Match and On-Behalf-Of filled from the request. */
NODISCARD enum error act_begin(struct request *request, struct act **ret_act);
/* The connection sleeps, the writer runs request->act, act_finish replies. */
void act_hand_over(struct request *request);
NODISCARD enum error act_finish(struct request *request);
