/* visitors.h - the connections that are open, and how long each has been at the head of a request. The library ends a
 * connection that is silent; one that sends a byte now and then would stay for ever, and a few hundred of them would
 * keep everybody else out. */
#pragma once
#include <microhttpd.h>
#include "base/base.h"

struct visitors;

/* Whoever needs longer than that for a head, the silence before it included, is shut out: by a thread of its own. */
NODISCARD enum error visitors_start(int seconds, struct visitors **ret_visitors);
/* When the daemons have ended. */
void visitors_stop(struct visitors *visitors);
/* For MHD_OPTION_NOTIFY_CONNECTION, with the visitors as its closure. */
void visitors_note(void *visitors, struct MHD_Connection *connection, void **context,
		   enum MHD_ConnectionNotificationCode code);
/* The head was read; and its answer has left, so the next head may begin. */
void visitor_has_asked(struct MHD_Connection *connection);
void visitor_may_ask(struct MHD_Connection *connection);
