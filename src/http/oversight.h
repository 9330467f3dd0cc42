/* oversight.h - answers that leave an entry first because they show the log: views for audits. */
#pragma once
#include "http/request.h"

/* GET /api/views/{view} of a view with `audit`. */
enum error oversight_view(struct request *request);
