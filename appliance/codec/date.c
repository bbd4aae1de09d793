#include "codec/date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static const int64_t min_s = -62135596800; /* 0001-01-01T00:00:00Z */
static const int64_t max_s = 253402300799; /* 9999-12-31T23:59:59Z */

static struct tm split(int64_t unix_s)
{
	time_t t = (time_t)(unix_s < min_s ? min_s : unix_s > max_s ? max_s : unix_s);
	struct tm tm;

	gmtime_r(&t, &tm);
	return tm;
}

/* false if there is no such day, hour ... (a leap second counts as the next second). */
static bool join(struct tm tm, int64_t *unix_s_out)
{
	struct tm check = tm;
	time_t t = timegm(&check);

	if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 || tm.tm_year < 1 - 1900)
		return false;
	check = tm;
	check.tm_sec = 0;
	(void)timegm(&check);
	if (check.tm_mday != tm.tm_mday || check.tm_mon != tm.tm_mon)
		return false;
	*unix_s_out = (int64_t)t;
	return true;
}

/* Exactly count digits at *s, which moves on. */
static bool take_number(struct str *s, size_t count, int *out)
{
	uint32_t n;

	if (s->len < count || num_u32(str_sub(*s, 0, count), 0, 9999, &n) != E_OK)
		return false;
	*out = (int)n;
	*s = str_sub(*s, count, s->len);
	return true;
}

static bool take_char(struct str *s, const char *one_of, char *out)
{
	if (s->len == 0 || s->p[0] == '\0' || strchr(one_of, s->p[0]) == NULL)
		return false;
	if (out != NULL)
		*out = s->p[0];
	*s = str_sub(*s, 1, s->len);
	return true;
}

/* A three-letter name out of a row of such, as RFC 1123 spells it. */
static bool take_name(struct str *s, const char *names, int *out)
{
	for (int i = 0; names[3 * i] != '\0'; i++) {
		if (str_istarts(*s, str_n(names + 3 * i, 3))) {
			*out = i;
			*s = str_sub(*s, 3, s->len);
			return true;
		}
	}
	return false;
}

static bool take_text(struct str *s, const char *text)
{
	if (!str_starts(*s, str_of(text)))
		return false;
	*s = str_sub(*s, strlen(text), s->len);
	return true;
}

static bool take_clock(struct str *s, struct tm *tm)
{
	return take_number(s, 2, &tm->tm_hour) && take_text(s, ":") &&
	       take_number(s, 2, &tm->tm_min) && take_text(s, ":") &&
	       take_number(s, 2, &tm->tm_sec);
}

void date_sip_encode(int64_t unix_s, char out[DATE_SIP_CAP])
{
	struct tm tm = split(unix_s);

	/* The remainders only show the compiler that the fields have their width. */
	(void)snprintf(out, DATE_SIP_CAP, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		       weekdays + 3 * tm.tm_wday, (unsigned)tm.tm_mday % 100,
		       months + 3 * tm.tm_mon, (unsigned)(tm.tm_year + 1900) % 10000,
		       (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		       (unsigned)tm.tm_sec % 100);
}

enum err date_sip_decode(struct str s, int64_t *unix_s_out)
{
	struct tm tm = { 0 };
	int weekday, year;
	int64_t t, days;

	if (!take_name(&s, weekdays, &weekday) || !take_text(&s, ", ") ||
	    !take_number(&s, 2, &tm.tm_mday) || !take_text(&s, " ") ||
	    !take_name(&s, months, &tm.tm_mon) || !take_text(&s, " ") ||
	    !take_number(&s, 4, &year) || !take_text(&s, " ") || !take_clock(&s, &tm) ||
	    !str_eqz(s, " GMT"))
		return E_BAD;
	tm.tm_year = year - 1900;
	if (!join(tm, &t))
		return E_BAD;
	tm.tm_sec = tm.tm_min = tm.tm_hour = 0;
	days = (int64_t)timegm(&tm) / 86400;
	if (((days + 4) % 7 + 7) % 7 != weekday) /* day 0 was a Thursday */
		return E_BAD;
	*unix_s_out = t;
	return E_OK;
}

void date_iso_encode(int64_t unix_ms, char out[DATE_ISO_CAP])
{
	int64_t ms = (unix_ms % 1000 + 1000) % 1000;
	struct tm tm = split((unix_ms - ms) / 1000);

	(void)snprintf(out, DATE_ISO_CAP, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		       (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
		       (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
		       (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100, (unsigned)ms % 1000);
}

/* ".123456": any number of digits, of which three count. */
static bool take_fraction(struct str *s, int *ms_out)
{
	int ms = 0, digits = 0;

	if (take_text(s, ".")) {
		for (; s->len > 0 && s->p[0] >= '0' && s->p[0] <= '9'; digits++) {
			if (digits < 3)
				ms = ms * 10 + (s->p[0] - '0');
			*s = str_sub(*s, 1, s->len);
		}
		if (digits == 0)
			return false;
		for (; digits < 3; digits++)
			ms *= 10;
	}
	*ms_out = ms;
	return true;
}

static bool take_offset(struct str *s, int *minutes_out)
{
	int hours, minutes;
	char sign;

	if (take_char(s, "Zz", NULL)) {
		*minutes_out = 0;
		return true;
	}
	if (!take_char(s, "+-", &sign) || !take_number(s, 2, &hours) || !take_text(s, ":") ||
	    !take_number(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*minutes_out = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
	return true;
}

enum err date_iso_decode(struct str s, int64_t *unix_ms_out)
{
	struct tm tm = { 0 };
	int year, month, ms, offset;
	int64_t t;

	if (!take_number(&s, 4, &year) || !take_text(&s, "-") || !take_number(&s, 2, &month) ||
	    !take_text(&s, "-") || !take_number(&s, 2, &tm.tm_mday) ||
	    !take_char(&s, "Tt ", NULL) || !take_clock(&s, &tm) || !take_fraction(&s, &ms) ||
	    !take_offset(&s, &offset) || s.len > 0 || month < 1)
		return E_BAD;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	if (!join(tm, &t))
		return E_BAD;
	*unix_ms_out = (t - (int64_t)offset * 60) * 1000 + ms;
	return E_OK;
}
