/* purple_request.c: the questions libpurple asks its user: reported, and answered by policy or by command.
 *
 * A question is destroyed by its answer.  Its callback may close it before we do, so after a callback it is
 * looked up again by number, never used through a pointer. */
#include <stdlib.h>
#include <string.h>

#include "purple.h"

enum kind {
	ASK_INPUT,
	ASK_CHOICE,
	ASK_ACTION,
	ASK_FIELDS,
	ASK_FILE,
	ASK_FOLDER,
	ASK_ALLOW,
	ASK_ADD,
	KINDS
};
enum { ANSWER_DELAY_MS = 30 };

static const char *const kind_names[KINDS] = { "input", "choice", "action",    "fields",
					       "file",	"folder", "authorize", "add" };

struct question {
	int id;
	enum kind kind;
	gpointer data; /* of the callbacks */
	GCallback ok, cancel;
	GPtrArray *labels;  /* of the buttons; owned strings */
	GPtrArray *actions; /* ASK_ACTION: a callback per button */
	GArray *values;	    /* ASK_CHOICE: int per choice */
	PurpleRequestFields *fields;
	char *initial, *who, *alias;
};

static GHashTable *questions; /* id -> struct question */
static char *policies[KINDS]; /* "manual", "ok" or "cancel" */
static char **next_values;    /* see request_fill_next */
static int last_id;

gboolean request_accepts_files(void)
{
	return strcmp(policies[ASK_FILE], "ok") == 0;
}

void request_forget_next(void)
{
	g_strfreev(next_values);
	next_values = NULL;
}

void request_fill_next(char **values)
{
	request_forget_next();
	next_values = g_strdupv(values);
}

static void question_end(struct question *q)
{
	g_hash_table_remove(questions, GINT_TO_POINTER(q->id));
	if (q->labels != NULL)
		g_ptr_array_free(q->labels, TRUE);
	if (q->actions != NULL)
		g_ptr_array_free(q->actions, TRUE);
	if (q->values != NULL)
		g_array_free(q->values, TRUE);
	if (q->fields != NULL)
		purple_request_fields_destroy(q->fields);
	g_free(q->initial);
	g_free(q->who);
	g_free(q->alias);
	g_free(q);
}

static struct question *question_new(enum kind kind, gpointer data, GCallback ok, GCallback cancel)
{
	struct question *q = g_new0(struct question, 1);

	q->id = ++last_id;
	q->kind = kind;
	q->data = data;
	q->ok = ok;
	q->cancel = cancel;
	q->labels = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(questions, GINT_TO_POINTER(q->id), q);
	return q;
}

/* --- answering ------------------------------------------------------------------------------- */

static void set_field(PurpleRequestField *field, const char *value)
{
	GList *l;
	int i = 0;

	switch (purple_request_field_get_type(field)) {
	case PURPLE_REQUEST_FIELD_STRING:
		purple_request_field_string_set_value(field, value);
		break;
	case PURPLE_REQUEST_FIELD_INTEGER:
		purple_request_field_int_set_value(field, (int)strtol(value, NULL, 10));
		break;
	case PURPLE_REQUEST_FIELD_BOOLEAN:
		purple_request_field_bool_set_value(field, word_is_true(value));
		break;
	case PURPLE_REQUEST_FIELD_CHOICE:
		for (l = purple_request_field_choice_get_labels(field); l != NULL; l = l->next, i++)
			if (strcmp(l->data, value) == 0)
				purple_request_field_choice_set_value(field, i);
		break;
	default:
		break;
	}
}

static void set_fields(PurpleRequestFields *fields, char **values)
{
	char **part;

	for (; values != NULL && *values != NULL; values++) {
		part = g_strsplit(*values, "=", 2);
		if (g_strv_length(part) == 2 && purple_request_fields_exists(fields, part[0]))
			set_field(purple_request_fields_get_field(fields, part[0]), part[1]);
		else
			event("warning", "s:text", "no such field", "s:field", part[0], NULL);
		g_strfreev(part);
	}
}

static int button_number(const struct question *q, const char *answer)
{
	guint i;

	if (strcmp(answer, "ok") == 0)
		return 0;
	if (strcmp(answer, "cancel") == 0)
		return (int)q->labels->len - 1;
	for (i = 0; i < q->labels->len; i++)
		if (g_ascii_strcasecmp(g_ptr_array_index(q->labels, i), answer) == 0)
			return (int)i;
	return -1;
}

static void press_button(struct question *q, const char *answer)
{
	int i = button_number(q, answer);
	GCallback action = NULL;

	if (i >= 0 && i < (int)q->actions->len)
		action = (GCallback)g_ptr_array_index(q->actions, i);
	if (action != NULL)
		((PurpleRequestActionCb)action)(q->data, i);
}

static void add_who_asked(const struct question *q)
{
	PurpleGroup *group = purple_find_group("Buddies");
	PurpleBuddy *buddy = purple_buddy_new(the_account(), q->who, q->alias);

	if (group == NULL)
		purple_blist_add_group(group = purple_group_new("Buddies"), NULL);
	purple_blist_add_buddy(buddy, NULL, group, NULL);
	purple_account_add_buddy(the_account(), buddy);
}

static void call_back(struct question *q, const char *answer, char **values)
{
	gboolean is_ok = strcmp(answer, "cancel") != 0;
	GCallback cb = is_ok ? q->ok : q->cancel;
	const char *text = strcmp(answer, "ok") == 0 ? q->initial : answer;

	switch (q->kind) {
	case ASK_ACTION:
		press_button(q, answer);
		return;
	case ASK_ADD:
		if (is_ok && find_contact(q->who) == NULL)
			add_who_asked(q);
		return;
	case ASK_INPUT:
		if (cb != NULL)
			((PurpleRequestInputCb)cb)(q->data, is_ok ? text : NULL);
		return;
	case ASK_CHOICE:
		if (cb != NULL)
			((PurpleRequestChoiceCb)cb)(q->data, g_array_index(q->values, int, 0));
		return;
	case ASK_FIELDS:
		set_fields(q->fields, values);
		if (cb != NULL)
			((PurpleRequestFieldsCb)cb)(q->data, q->fields);
		return;
	case ASK_FILE:
	case ASK_FOLDER:
		if (cb != NULL)
			((PurpleRequestFileCb)cb)(q->data, is_ok ? text : NULL);
		return;
	case ASK_ALLOW:
		if (cb != NULL)
			((PurpleAccountRequestAuthorizationCb)cb)(q->data);
		return;
	case KINDS:
		return;
	}
}

static PurpleRequestType purple_type(enum kind kind)
{
	switch (kind) {
	case ASK_INPUT:
		return PURPLE_REQUEST_INPUT;
	case ASK_CHOICE:
		return PURPLE_REQUEST_CHOICE;
	case ASK_FIELDS:
		return PURPLE_REQUEST_FIELDS;
	case ASK_FILE:
		return PURPLE_REQUEST_FILE;
	case ASK_FOLDER:
		return PURPLE_REQUEST_FOLDER;
	default:
		return PURPLE_REQUEST_ACTION;
	}
}

static gboolean answer_question(int id, const char *answer, char **values)
{
	struct question *q = g_hash_table_lookup(questions, GINT_TO_POINTER(id));

	if (q == NULL)
		return FALSE;
	event("request-answered", "i:request", id, "s:answer", answer, NULL);
	call_back(q, answer, values);
	q = g_hash_table_lookup(questions, GINT_TO_POINTER(id));
	if (q == NULL)
		return TRUE;
	/* libpurple has no record of these two kinds, so it cannot close them. */
	if (q->kind == ASK_ALLOW || q->kind == ASK_ADD)
		question_end(q);
	else
		purple_request_close(purple_type(q->kind), q);
	return TRUE;
}

static gboolean on_answer_time(gpointer id)
{
	struct question *q = g_hash_table_lookup(questions, id);

	if (q != NULL)
		answer_question(q->id, policies[q->kind], NULL);
	return FALSE;
}

static gboolean on_fill_time(gpointer id)
{
	answer_question(GPOINTER_TO_INT(id), "ok", NULL);
	return FALSE;
}

/* --- asking ---------------------------------------------------------------------------------- */

/* Never answered at once: libpurple stores what we return only after the asking function returned. */
static void *question_show(struct question *q, const char *title, const char *primary,
			   const char *secondary, const char *fields)
{
	GString *labels = g_string_new("[");
	guint i;

	for (i = 0; i < q->labels->len; i++) {
		if (i > 0)
			g_string_append_c(labels, ',');
		json_str(labels, g_ptr_array_index(q->labels, i));
	}
	g_string_append_c(labels, ']');
	event("request", "i:request", q->id, "s:type", kind_names[q->kind], "s:title", title,
	      "s:primary", primary, "s:secondary", secondary, "s:who", q->who, "j:buttons",
	      labels->str, "s:default", q->initial, "j:fields", fields, NULL);
	g_string_free(labels, TRUE);
	if (strcmp(policies[q->kind], "manual") != 0)
		g_timeout_add(ANSWER_DELAY_MS, on_answer_time, GINT_TO_POINTER(q->id));
	return q;
}

static void *ask_input(const char *title, const char *primary, const char *secondary,
		       const char *initial, gboolean multiline, gboolean masked, gchar *hint,
		       const char *ok_text, GCallback ok, const char *cancel_text, GCallback cancel,
		       PurpleAccount *a, const char *who, PurpleConversation *conv, void *data)
{
	struct question *q = question_new(ASK_INPUT, data, ok, cancel);

	(void)multiline, (void)masked, (void)hint, (void)a, (void)conv;
	q->initial = g_strdup(initial != NULL ? initial : "");
	q->who = g_strdup(who);
	g_ptr_array_add(q->labels, g_strdup(ok_text));
	g_ptr_array_add(q->labels, g_strdup(cancel_text));
	return question_show(q, title, primary, secondary, NULL);
}

static void *ask_choice(const char *title, const char *primary, const char *secondary, int initial,
			const char *ok_text, GCallback ok, const char *cancel_text,
			GCallback cancel, PurpleAccount *a, const char *who,
			PurpleConversation *conv, void *data, va_list choices)
{
	struct question *q = question_new(ASK_CHOICE, data, ok, cancel);
	const char *label;
	int value;

	(void)initial, (void)ok_text, (void)cancel_text, (void)a, (void)conv;
	q->who = g_strdup(who);
	q->values = g_array_new(FALSE, FALSE, sizeof(int));
	while ((label = va_arg(choices, const char *)) != NULL) {
		value = va_arg(choices, int);
		g_ptr_array_add(q->labels, g_strdup(label));
		g_array_append_val(q->values, value);
	}
	return question_show(q, title, primary, secondary, NULL);
}

static void *ask_action(const char *title, const char *primary, const char *secondary, int initial,
			PurpleAccount *a, const char *who, PurpleConversation *conv, void *data,
			size_t n, va_list buttons)
{
	struct question *q = question_new(ASK_ACTION, data, NULL, NULL);

	(void)initial, (void)a, (void)conv;
	q->who = g_strdup(who);
	q->actions = g_ptr_array_new();
	for (; n > 0; n--) {
		g_ptr_array_add(q->labels, g_strdup(va_arg(buttons, const char *)));
		g_ptr_array_add(q->actions, va_arg(buttons, gpointer));
	}
	return question_show(q, title, primary, secondary, NULL);
}

static void *ask_action_with_icon(const char *title, const char *primary, const char *secondary,
				  int initial, PurpleAccount *a, const char *who,
				  PurpleConversation *conv, gconstpointer icon, gsize size,
				  void *data, size_t n, va_list buttons)
{
	(void)icon, (void)size;
	return ask_action(title, primary, secondary, initial, a, who, conv, data, n, buttons);
}

static char *field_names(PurpleRequestFields *fields)
{
	GString *out = g_string_new("[");
	GList *g, *l;

	for (g = purple_request_fields_get_groups(fields); g != NULL; g = g->next)
		for (l = purple_request_field_group_get_fields(g->data); l != NULL; l = l->next) {
			if (out->len > 1)
				g_string_append_c(out, ',');
			json_str(out, purple_request_field_get_id(l->data));
		}
	g_string_append_c(out, ']');
	return g_string_free(out, FALSE);
}

static void *ask_fields(const char *title, const char *primary, const char *secondary,
			PurpleRequestFields *fields, const char *ok_text, GCallback ok,
			const char *cancel_text, GCallback cancel, PurpleAccount *a,
			const char *who, PurpleConversation *conv, void *data)
{
	struct question *q = question_new(ASK_FIELDS, data, ok, cancel);
	char *names = field_names(fields);

	(void)a, (void)conv;
	q->fields = fields;
	q->who = g_strdup(who);
	g_ptr_array_add(q->labels, g_strdup(ok_text));
	g_ptr_array_add(q->labels, g_strdup(cancel_text));
	if (next_values != NULL) {
		set_fields(fields, next_values);
		request_forget_next();
		g_timeout_add(ANSWER_DELAY_MS, on_fill_time, GINT_TO_POINTER(q->id));
	} else {
		question_show(q, title, primary, secondary, names);
	}
	g_free(names);
	return q;
}

static void *ask_file(const char *title, const char *name, gboolean is_save, GCallback ok,
		      GCallback cancel, PurpleAccount *a, const char *who, PurpleConversation *conv,
		      void *data)
{
	struct question *q = question_new(ASK_FILE, data, ok, cancel);
	char *base = name != NULL ? g_path_get_basename(name) : g_strdup("file");

	(void)a, (void)conv;
	q->initial = g_build_filename(purple_user_dir(), base, NULL);
	q->who = g_strdup(who);
	g_free(base);
	return question_show(q, title, name, is_save ? "save" : "open", NULL);
}

static void *ask_folder(const char *title, const char *dir, GCallback ok, GCallback cancel,
			PurpleAccount *a, const char *who, PurpleConversation *conv, void *data)
{
	struct question *q = question_new(ASK_FOLDER, data, ok, cancel);

	(void)a, (void)conv;
	q->initial = g_strdup(dir != NULL ? dir : purple_user_dir());
	q->who = g_strdup(who);
	return question_show(q, title, dir, NULL, NULL);
}

static void on_close(PurpleRequestType type, void *handle)
{
	(void)type;
	if (handle != NULL)
		question_end(handle);
}

static PurpleRequestUiOps request_ops = {
	.request_input = ask_input,
	.request_choice = ask_choice,
	.request_action = ask_action,
	.request_fields = ask_fields,
	.request_file = ask_file,
	.close_request = on_close,
	.request_folder = ask_folder,
	.request_action_with_icon = ask_action_with_icon,
};

/* --- questions about people ------------------------------------------------------------------ */

static void on_added(PurpleAccount *a, const char *who, const char *id, const char *alias,
		     const char *message)
{
	(void)a, (void)id;
	event("added-by", "s:who", who, "s:alias", alias, "s:message", message, NULL);
}

static void on_own_status(PurpleAccount *a, PurpleStatus *status)
{
	char *note = status_note(status);

	(void)a;
	event("own-status", "s:status", purple_status_get_id(status), "s:note", note, NULL);
	g_free(note);
}

static void ask_add(PurpleAccount *a, const char *who, const char *id, const char *alias,
		    const char *message)
{
	struct question *q = question_new(ASK_ADD, NULL, NULL, NULL);

	(void)a, (void)id;
	q->who = g_strdup(who);
	q->alias = g_strdup(alias);
	question_show(q, "add", alias, message, NULL);
}

static void *ask_allow(PurpleAccount *a, const char *who, const char *id, const char *alias,
		       const char *message, gboolean is_listed,
		       PurpleAccountRequestAuthorizationCb ok,
		       PurpleAccountRequestAuthorizationCb deny, void *data)
{
	struct question *q = question_new(ASK_ALLOW, data, (GCallback)ok, (GCallback)deny);

	(void)a, (void)id, (void)is_listed;
	q->who = g_strdup(who);
	return question_show(q, "authorize", alias, message, NULL);
}

static void on_close_allow(void *handle)
{
	GHashTableIter it;
	gpointer id, q;

	g_hash_table_iter_init(&it, questions);
	while (g_hash_table_iter_next(&it, &id, &q))
		if (q == handle) {
			question_end(q);
			return;
		}
}

static PurpleAccountUiOps account_ops = {
	.notify_added = on_added,
	.status_changed = on_own_status,
	.request_add = ask_add,
	.request_authorize = ask_allow,
	.close_account_request = on_close_allow,
};

void ui_request_init(void)
{
	int i;

	for (i = 0; i < KINDS; i++)
		policies[i] = g_strdup(i == ASK_INPUT || i == ASK_FIELDS ? "manual"
				       : i == ASK_ADD			 ? "cancel"
									 : "ok");
	questions = g_hash_table_new(g_direct_hash, g_direct_equal);
	purple_request_set_ui_ops(&request_ops);
	purple_accounts_set_ui_ops(&account_ops);
}

/* --- commands -------------------------------------------------------------------------------- */

/* policy TYPE=manual|ok|cancel... */
static const char *do_policy(int n, char **words)
{
	const char *value;
	int i;

	(void)n;
	for (i = 0; i < KINDS; i++) {
		value = word_value(words, kind_names[i], NULL);
		if (value == NULL)
			continue;
		g_free(policies[i]);
		policies[i] = g_strdup(value);
	}
	return NULL;
}

static const char *do_answer(int n, char **words)
{
	(void)n;
	return answer_question((int)strtol(words[0], NULL, 10), words[1], words + 2)
		       ? NULL
		       : "no such request";
}

const struct command ui_request_commands[] = {
	{ "policy", 1, do_policy },
	{ "answer", 2, do_answer },
	{ NULL, 0, NULL },
};
