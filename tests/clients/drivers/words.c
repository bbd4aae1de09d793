/* words.c: a command line into words. */
#include <stdio.h>
#include <string.h>

#include "driver.h"

/* Reads the four digits after \u, and the second half of a surrogate pair; NULL when malformed. */
static const char *read_u_escape(const char *s, GString *word)
{
	unsigned hi = 0, lo = 0;

	if (sscanf(s, "%4x", &hi) != 1)
		return NULL;
	s += 4;
	if (hi >= 0xD800 && hi < 0xDC00) {
		if (sscanf(s, "\\u%4x", &lo) != 1)
			return NULL;
		s += 6;
		hi = 0x10000 + ((hi - 0xD800) << 10) + (lo - 0xDC00);
	}
	g_string_append_unichar(word, hi);
	return s;
}

/* s is behind the opening quote; returns what follows the closing one, or NULL. */
static const char *read_string(const char *s, GString *word)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	const char *known;

	while (*s != '\0' && *s != '"') {
		if (*s != '\\') {
			g_string_append_c(word, *s++);
			continue;
		}
		s++;
		if (*s == '\0')
			return NULL;
		if (*s == 'u') {
			s = read_u_escape(s + 1, word);
			if (s == NULL)
				return NULL;
			continue;
		}
		known = strchr(from, *s);
		g_string_append_c(word, known != NULL ? to[known - from] : *s);
		s++;
	}
	return *s == '"' ? s + 1 : NULL;
}

static char **read_array(const char *s)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	GString *word;
	gsize count;

	for (s++;;) {
		while (g_ascii_isspace(*s) || *s == ',')
			s++;
		if (*s == ']')
			break;
		if (*s != '"')
			goto fail;
		word = g_string_new(NULL);
		s = read_string(s + 1, word);
		g_ptr_array_add(words, g_string_free(word, FALSE));
		if (s == NULL)
			goto fail;
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_steal(words, &count);
fail:
	g_ptr_array_free(words, TRUE);
	return NULL;
}

char **words_split(const char *line)
{
	char **words = NULL;
	int n;

	if (*line == '[')
		return read_array(line);
	return g_shell_parse_argv(line, &n, &words, NULL) ? words : NULL;
}

const char *word_value(char **words, const char *key, const char *otherwise)
{
	size_t n = strlen(key);

	for (; *words != NULL; words++)
		if (strncmp(*words, key, n) == 0 && (*words)[n] == '=')
			return *words + n + 1;
	return otherwise;
}

gboolean word_is_true(const char *word)
{
	static const char *const yes[] = { "1", "true", "yes", "on", NULL };

	return word != NULL && g_strv_contains(yes, word);
}
