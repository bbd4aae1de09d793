/* usage.c: what the server's processes have used, from /proc: CPU in nanoseconds (schedstat), memory as
 * PSS, so that shared pages of several processes count once. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load.h"

enum { PROCESSES_MAX = 64, MACHINE_MAX = 32768 };

static int parent_of(int pid)
{
	char path[64], line[512];
	const char *name_end;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = '\0';
	name_end = strrchr(line, ')');
	return name_end != NULL && strlen(name_end) > 4 ? (int)strtol(name_end + 4, NULL, 10) : 0;
}

/* The server's process and all below it.  They are started before the load, so once is enough. */
static int family(int pids[PROCESSES_MAX])
{
	static int found[PROCESSES_MAX], count;
	static struct {
		int pid, parent;
	} all[MACHINE_MAX];
	struct dirent *e;
	int n = 0, before = 0;
	DIR *d;

	if (count == 0 && opt.server_pid > 0 && (d = opendir("/proc")) != NULL) {
		while ((e = readdir(d)) != NULL && n < MACHINE_MAX) {
			if (!isdigit((unsigned char)e->d_name[0]))
				continue;
			all[n].pid = (int)strtol(e->d_name, NULL, 10);
			all[n].parent = parent_of(all[n].pid);
			n++;
		}
		closedir(d);
		found[count++] = opt.server_pid;
		for (; before < count; before++)
			for (int i = 0; i < n && count < PROCESSES_MAX; i++)
				if (all[i].parent == found[before])
					found[count++] = all[i].pid;
	}
	memcpy(pids, found, sizeof(found));
	return count;
}

static double cpu_of(int pid)
{
	unsigned long long ns, sum = 0;
	char path[320];
	struct dirent *e;
	DIR *d;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if ((d = opendir(path)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, e->d_name);
		if (e->d_name[0] == '.' || (f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "%llu", &ns) == 1)
			sum += ns;
		fclose(f);
	}
	closedir(d);
	return (double)sum / NS_PER_S;
}

static long pss_of(int pid)
{
	char path[64], line[256];
	long kib, sum = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Pss: %ld", &kib) == 1)
			sum += kib;
	fclose(f);
	return sum;
}

static double machine_cpu(void)
{
	unsigned long long user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0;
	FILE *f = fopen("/proc/stat", "r");
	int got;

	if (f == NULL)
		return 0;
	got = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
		     &wait, &irq, &soft);
	fclose(f);
	return got == 7 ? (double)(user + nice + system + irq + soft) / (double)sysconf(_SC_CLK_TCK)
			: 0;
}

struct usage usage_take(enum usage_detail detail)
{
	struct usage u = { .at_ns = now_ns(), .machine_cpu_s = machine_cpu() };
	int pids[PROCESSES_MAX], n = family(pids);
	struct rusage own;

	for (int i = 0; i < n; i++) {
		u.server_cpu_s += cpu_of(pids[i]);
		if (detail == USAGE_CPU_AND_MEMORY)
			u.pss_kib += pss_of(pids[i]);
	}
	getrusage(RUSAGE_SELF, &own);
	u.own_cpu_s = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
		      (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
	return u;
}
