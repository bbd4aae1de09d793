#include "crypto/password.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"

/* Heads of the public lists of leaked passwords, those long enough to pass the first rule, in lower
 * case.  The rest of such lists is caught by the rules on repetition, or is shorter. */
static const char *const common[] = {
	"0123456789",	  "0987654321",	    "1029384756",	"1122334455",	 "1212121212",
	"12345678910",	  "1234567890",	    "123456789a",	"123456789q",	 "1234567891",
	"1234512345",	  "1q2w3e4r5t",	    "1q2w3e4r5t6y",	"1qaz2wsx3edc",	 "1qazxsw23edc",
	"2wsx3edc4rfv",	  "9876543210",	    "abc123456789",	"abcd123456",	 "abcd1234567",
	"abcdefghij",	  "abcdefghijk",    "access12345",	"admin12345",	 "admin123456",
	"administrator",  "administrator1", "adminadmin",	"adminadmin1",	 "alexander1",
	"asdf123456",	  "asdfasdfasdf",   "asdfghjkl1",	"asdfghjkl;",	 "asdfghjkl123",
	"baseball123",	  "basketball",	    "basketball1",	"changeme123",	 "changeme1234",
	"changemenow",	  "charlie123",	    "chocolate1",	"christopher",	 "computer123",
	"december2024",	  "default123",	    "dragon12345",	"elizabeth1",	 "football123",
	"football1234",	  "geheim1234",	    "hallo12345",	"hello12345",	 "helloworld",
	"helloworld1",	  "iloveyou123",    "iloveyou1234",	"iloveyou12345", "internet123",
	"jennifer123",	  "justinbieber",   "letmein123",	"letmein1234",	 "letmeinnow",
	"liverpool1",	  "liverpool123",   "login12345",	"manchester",	 "manchester1",
	"master12345",	  "michael123",	    "monkey12345",	"mypassword",	 "mypassword1",
	"nimda12345",	  "p@ssw0rd123",    "p@ssw0rd1234",	"p@ssword123",	 "pa$$word123",
	"passw0rd123",	  "passw0rd1234",   "password00",	"password01",	 "password10",
	"password11",	  "password12",	    "password123",	"password1234",	 "password12345",
	"password123456", "password2023",   "password2024",	"password2025",	 "password2026",
	"password99",	  "password@123",   "passwordpassword", "passwort123",	 "passwort1234",
	"pokemon123",	  "princess123",    "q1w2e3r4t5",	"q1w2e3r4t5y6",	 "qazwsxedcrfv",
	"qazwsxedc1",	  "qwer123456",	    "qwerasdfzxcv",	"qwert12345",	 "qwertyuiop",
	"qwertyuiop1",	  "qwertyuiop123",  "qwerty1234",	"qwerty12345",	 "qwerty123456",
	"qwerty1234567",  "qwertzuiop",	    "qwertzuiop1",	"sunshine123",	 "superman123",
	"superstar1",	  "test123456",	    "test1234567",	"testtest123",	 "testtesttest",
	"trustno1234",	  "university",	    "unknown123",	"user123456",	 "welcome123",
	"welcome1234",	  "welcome12345",   "welcome2024",	"welcome2025",	 "welcome@123",
	"whatever123",	  "willkommen",	    "willkommen1",	"zaq12wsxcde3",	 "zxcvbnm123",
	"zxcvbnm1234",	  "zxcvbnm,./",
};

static size_t char_count(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool is_common(struct str password)
{
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (str_ieqz(password, common[i]))
			return true;
	return false;
}

/* "aaaaaaaaaa", "abababababab", "qwertqwertqwert": one piece of up to a third, again and again. */
static bool is_repetition(struct str s)
{
	for (size_t period = 1; period * 3 <= s.len; period++)
		if (str_eq(str_sub(s, period, s.len), str_sub(s, 0, s.len - period)))
			return true;
	return false;
}

/* "12345678901", "zyxwvutsrq": each character one more, or one less, than that before. */
static bool is_row(struct str s)
{
	size_t up = 0, down = 0;

	for (size_t i = 1; i < s.len; i++) {
		up += s.p[i] == s.p[i - 1] + 1;
		down += s.p[i] == s.p[i - 1] - 1;
	}
	return s.len > 2 && (up + 2 >= s.len || down + 2 >= s.len);
}

/* The account's name, with up to three characters before or behind it. */
static bool is_name(struct str password, struct str account)
{
	if (account.len < 3 || password.len < account.len || password.len > account.len + 3)
		return false;
	for (size_t at = 0; at + account.len <= password.len; at++)
		if (str_ieq(str_sub(password, at, at + account.len), account))
			return true;
	return false;
}

enum err password_check(struct str password, struct str account, const char **why_out)
{
	struct str local = str_sub(account, 0, str_find(account, '@', 0));
	const char *why = NULL;

	if (!str_is_utf8(password) || has_control(password))
		why = "The password has characters that cannot be typed everywhere.";
	else if (char_count(password) < PASSWORD_MIN_CHARS)
		why = "The password has fewer than 10 characters.";
	else if (password.len > PASSWORD_MAX)
		why = "The password is too long.";
	else if (is_common(password) || is_repetition(password) || is_row(password))
		why = "The password is one of the first that are tried.";
	else if (is_name(password, account) || is_name(password, local))
		why = "The password is the name of the account.";
	if (why == NULL)
		return E_OK;
	*why_out = why;
	return E_DENIED;
}

void password_make(char out[PASSWORD_MADE_CAP])
{
	/* Without i l o 0 1, and of v and u, which handwriting mixes up, only u. */
	static const char alphabet[] = "abcdefghjkmnpqrstuwxyz23456789";

	for (size_t i = 0; i < PASSWORD_MADE_LEN; i++)
		out[i] = alphabet[rand_below(sizeof(alphabet) - 1)];
	out[PASSWORD_MADE_LEN] = '\0';
}
