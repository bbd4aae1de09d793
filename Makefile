# Porchlight: one non-recursive Makefile; everything it makes is in build/ and in the download cache.
#
#   make            the binary: build/porchlight          make test    everything that is tested
#   make run        a demo organisation on this machine   make lint asan fuzz   what else keeps it sound
#   make install    binary, systemd unit, system user     make clean   removes build/
#
# Sources are listed in appliance/sources.mk, room by room. LYNC=0 or SIMPLE=0 leaves that adapter out.

VERSION := 0.1.0
CC      := gcc
AR      := ar
VARIANT := plain
LYNC    := 1
SIMPLE  := 1

include appliance/sources.mk

# --- where things go ---------------------------------------------------------------------------------------------
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/porchlight
TOP   := build
ifneq ($(VARIANT),plain)
TOP   := build/$(VARIANT)
endif
ifneq ($(LYNC)$(SIMPLE),11)
TOP   := $(TOP)/lync$(LYNC)-simple$(SIMPLE)
endif
OBJ   := $(TOP)/obj
GEN   := build/gen

# --- flags -------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla \
	-Wformat=2 -Wundef -Wconversion -Wno-sign-conversion -Werror
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
OPT  := -O2 -g1
LINK := -static-pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code

ifeq ($(VARIANT),asan)
OPT    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
HARDEN := -fPIE
LINK   := -pie -fsanitize=address,undefined
endif
ifeq ($(VARIANT),fuzz)
CC     := clang
OPT    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
HARDEN := -fPIE
LINK   := -pie -fsanitize=fuzzer,address,undefined
endif

DEPS_CFLAGS := $(OPT) $(HARDEN)
DEPS_KEY := $(shell { cat appliance/deps/deps.lock appliance/deps/build.sh appliance/deps/mbedtls_user_config.h \
	appliance/deps/gcm_alt.h \
	appliance/deps/mhd-nonip.sed; echo '$(CC) $(DEPS_CFLAGS)'; $(CC) -dumpfullversion -dumpversion 2>&1; } | sha256sum | cut -c1-16)
DEPS := $(CACHE)/deps-$(DEPS_KEY)

CPPFLAGS := -D_GNU_SOURCE -DPORCHLIGHT_VERSION='"$(VERSION)"' -Iappliance -I. -I$(GEN) -isystem $(DEPS)/include \
	-DMBEDTLS_USER_CONFIG_FILE='"deps/mbedtls_user_config.h"'
ifeq ($(LYNC),0)
CPPFLAGS += -DPORCHLIGHT_NO_LYNC
LYNC_SRC :=
UNIT_SRC := $(filter-out tests/unit/lync/%,$(UNIT_SRC))
FUZZ_SRC := $(filter-out tests/fuzz/fuzz_lync_%,$(FUZZ_SRC))
endif
ifeq ($(SIMPLE),0)
CPPFLAGS += -DPORCHLIGHT_NO_SIMPLE
SIMPLE_SRC :=
UNIT_SRC := $(filter-out tests/unit/simple/%,$(UNIT_SRC))
FUZZ_SRC := $(filter-out tests/fuzz/fuzz_simple_%,$(FUZZ_SRC))
endif
CFLAGS  := -std=c11 $(OPT) $(HARDEN) $(WARN) -ffunction-sections -fdata-sections -pthread
LDFLAGS := -Wl,--gc-sections -pthread -Wl,-u,mbedtls_gcm_init
LIBS    := -L$(DEPS)/lib -lmicrohttpd -lmbedtls -lmbedx509 -lmbedcrypto -lsqlite3 -lexpat -ljansson -lnettle \
	-largon2 -lz -lm

# --- objects -----------------------------------------------------------------------------------------------------
SRC := $(BASE_SRC) $(CODEC_SRC) $(CRYPTO_SRC) $(NET_SRC) $(DB_SRC) $(HTTP_SRC) $(SIP_SRC) $(DIRECTORY_SRC) \
	$(REGISTRAR_SRC) $(PRESENCE_SRC) $(IMMCU_SRC) $(SIMPLE_SRC) $(LYNC_SRC) $(CALL_SRC) $(WEBADMIN_SRC) $(APP_SRC)
GEN_SRC  := $(GEN)/migrations.c $(GEN)/ui_assets.c
MAIN     := appliance/app/main.c
OBJS     := $(patsubst %.c,$(OBJ)/%.o,$(filter-out $(MAIN),$(SRC)) $(GEN_SRC))
MAIN_OBJ := $(patsubst %.c,$(OBJ)/%.o,$(MAIN))
LIB      := $(TOP)/libporchlight.a
BIN      := $(TOP)/porchlight

UNIT := $(patsubst tests/%.c,$(TOP)/tests/%,$(UNIT_SRC))
FUZZ := $(patsubst tests/%.c,$(TOP)/tests/%,$(FUZZ_SRC))
HELPERS := $(patsubst tests/%.c,$(TOP)/tests/%,$(HELPER_SRC))

.PHONY: all setup setup-test setup-bench deps deps-update run test unit wire db e2e clients ui lint asan fuzz bench image install \
	uninstall clean sources test-programs
.SECONDARY:
.DELETE_ON_ERROR:

all: $(BIN)

# --- what is needed first ----------------------------------------------------------------------------------------
setup: build/setup.stamp
build/setup.stamp: appliance/deps/setup.sh
	@sh appliance/deps/setup.sh build
	@mkdir -p build && touch $@

setup-test: build/setup-test.stamp
build/setup-test.stamp: appliance/deps/setup.sh
	@sh appliance/deps/setup.sh test
	@mkdir -p build && touch $@ build/setup.stamp

deps: $(DEPS)/done
$(DEPS)/done: | build/setup.stamp
	@sh appliance/deps/fetch.sh $(CACHE)
	@CC="$(CC)" AR="$(AR)" DEPS_CFLAGS="$(DEPS_CFLAGS)" sh appliance/deps/build.sh $(CACHE) $(DEPS)

deps-update:
	@sh appliance/deps/update.sh $(CACHE)

# --- compiling ---------------------------------------------------------------------------------------------------
$(OBJ)/%.o: %.c Makefile | $(DEPS)/done
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(GEN)/migrations.c: db/embed_migrations.sh $(sort $(wildcard db/migrations/*.sql))
	@mkdir -p $(@D)
	@sh db/embed_migrations.sh db/migrations > $@

build/embed: webadmin/embed/embed.c | $(DEPS)/done
	@mkdir -p $(@D)
	@$(CC) -std=c11 -D_GNU_SOURCE -O1 $(WARN) -o $@ $< -lnettle -lz

# --- the browser side: TypeScript bundled by esbuild; packages by lock file, kept in the cache -----------------------
UI_SRC     := $(shell find webadmin/ui/src webadmin/ui/static -type f 2>/dev/null) webadmin/ui/build.mjs webadmin/ui/tsconfig.json
UI_PACKAGE := webadmin/ui/package.json webadmin/ui/package-lock.json webadmin/ui/.npmrc
UI_MODULES := $(CACHE)/ui-$(shell { cat $(UI_PACKAGE); uname -m; } 2>/dev/null | sha256sum | cut -c1-16)
UI_WORK    := build/ui-work

$(UI_MODULES)/done: | build/setup.stamp
	@sh webadmin/ui/packages.sh $(UI_MODULES)

# The sources and the packages meet in a folder of links, so that the source tree stays clean.
$(UI_WORK)/linked: webadmin/ui/tsconfig.json | $(UI_MODULES)/done
	@mkdir -p $(@D)
	@ln -sfn ../../webadmin/ui/src $(@D)/src && ln -sfn ../../webadmin/ui/static $(@D)/static
	@ln -sfn $(UI_MODULES)/node_modules $(@D)/node_modules && cp webadmin/ui/tsconfig.json webadmin/ui/package.json $(@D)/ && touch $@

build/ui/index.html: $(UI_SRC) | $(UI_WORK)/linked
	@echo "  UI build/ui"
	@ln -sfn $(UI_MODULES)/node_modules $(UI_WORK)/node_modules
	@node webadmin/ui/build.mjs $(UI_WORK) build/ui

$(GEN)/ui_assets.c: build/embed build/ui/index.html
	@mkdir -p $(@D)
	@build/embed $@ build/ui

$(LIB): $(OBJS)
	@rm -f $@
	@$(AR) rcs $@ $^

$(BIN).debug: $(MAIN_OBJ) $(LIB)
	@echo "  LD $(BIN)"
	@$(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS)

# Debug symbols stay beside the binary; the binary is what is installed, and has a size to keep.
$(BIN): $(BIN).debug
ifeq ($(VARIANT),plain)
	@objcopy --strip-all --add-gnu-debuglink=$< $< $@.new
	@test "$$(stat -c %s $@.new)" -lt 8388608 || { echo "$@ is over 8 MiB" >&2; exit 1; }
	@! ldd $@.new > $@.ldd 2>&1 || grep -q 'statically linked' $@.ldd || { echo "$@ is not static" >&2; exit 1; }
	@mv $@.new $@
else
	@cp $< $@
endif

# --- tests -------------------------------------------------------------------------------------------------------
$(TOP)/tests/unit/% $(TOP)/tests/wire/% $(TOP)/tests/db/%: LINK := $(filter-out -static-pie,$(LINK)) -pie
$(TOP)/tests/%: $(OBJ)/tests/%.o $(LIB)
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ $^ $(LIBS) $(if $(findstring fuzz/,$@)$(findstring bench/,$@),,-lcmocka)

# Real clients' own libraries, driven by programs of ours; they link what the distribution has, dynamically.
DRIVERS      := build/tests/clients/linphone-driver build/tests/clients/purple-driver
# No -Werror: what warns depends on the version of the libraries.
DRIVER_CC     = $(CC) -std=c11 -D_GNU_SOURCE -O1 -g $(filter-out -Werror,$(WARN)) -Wno-deprecated-declarations
DRIVER_PKGS  := purple glib-2.0 libxml-2.0
DRIVER_FLAGS  = $(subst -I,-isystem ,$(shell pkg-config --cflags $(DRIVER_PKGS)))
build/tests/clients/linphone-driver: $(DRIVER_SRC) $(LINPHONE_DRIVER_SRC) $(wildcard tests/clients/drivers/*.h)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(DRIVER_CC) $(DRIVER_FLAGS) -o $@ $(filter %.c,$^) -llinphone -lbctoolbox $$(pkg-config --libs glib-2.0)
build/tests/clients/purple-driver: $(DRIVER_SRC) $(PURPLE_DRIVER_SRC) $(wildcard tests/clients/drivers/*.h)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(DRIVER_CC) $(DRIVER_FLAGS) -rdynamic -o $@ $(filter %.c,$^) $$(pkg-config --libs $(DRIVER_PKGS)) -ldl

test-programs: $(UNIT) $(HELPERS) $(if $(filter plain,$(VARIANT)),$(DRIVERS))
$(UNIT) $(HELPERS) $(DRIVERS): | build/setup-test.stamp

# What tests/run.sh then leaves out.
WITHOUT := $(if $(filter 0,$(LYNC)),lync) $(if $(filter 0,$(SIMPLE)),simple)
RUN := PORCHLIGHT=$(CURDIR)/$(BIN) UI_MODULES=$(UI_MODULES) TEST_PROGRAMS=$(CURDIR)/$(TOP)/tests VARIANT=$(VARIANT) CC=$(CC) \
	WITHOUT="$(WITHOUT)" TEST_LOGS=$(TOP)/test-logs sh tests/run.sh
test: build/setup-test.stamp
	@$(MAKE) --no-print-directory $(BIN) test-programs
	@$(RUN) unit wire db e2e clients ui lint
unit wire db e2e clients ui lint: build/setup-test.stamp
	@$(MAKE) --no-print-directory VARIANT=$(VARIANT) $(if $(filter lint,$@),,$(BIN) test-programs)
	@$(RUN) $@
asan: build/setup-test.stamp
	@$(MAKE) --no-print-directory VARIANT=asan build/asan/porchlight test-programs
	@$(MAKE) --no-print-directory VARIANT=asan asan-run
asan-run:
	@$(RUN) unit wire e2e

FUZZ_SECONDS := 20
fuzz: build/setup-test.stamp
	@$(MAKE) --no-print-directory VARIANT=fuzz fuzz-run
fuzz-run: $(FUZZ)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) sh tests/fuzz/run.sh $(FUZZ)

# --- using it ----------------------------------------------------------------------------------------------------
run: $(BIN)
	@sh appliance/install/demo.sh $(BIN) build/demo

PREFIX  := /usr/local
UNITDIR := /usr/lib/systemd/system
install: $(BIN)
	@PREFIX=$(PREFIX) UNITDIR=$(UNITDIR) DESTDIR=$(DESTDIR) sh appliance/install/install.sh $(BIN)
uninstall:
	@PREFIX=$(PREFIX) UNITDIR=$(UNITDIR) DESTDIR=$(DESTDIR) sh appliance/install/install.sh --remove

image:
	@echo "make image: the bootable image is not part of this release" >&2; exit 1

# The load generator knows nothing of ours and has OpenSSL for its TLS; the peer is a package.
BENCH_LOAD := build/tests/bench/load
$(BENCH_LOAD): $(BENCH_LOAD_SRC) tests/bench/load/load.h
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) -std=c11 -D_GNU_SOURCE -O2 -g $(WARN) -o $@ $(filter %.c,$^) -lssl -lcrypto -lm
setup-bench: build/setup-bench.stamp
build/setup-bench.stamp: appliance/deps/setup.sh
	@sh appliance/deps/setup.sh bench
	@mkdir -p build && touch $@ build/setup.stamp
BENCH_ARGS :=
bench: build/setup-bench.stamp
	@$(MAKE) --no-print-directory $(BIN) $(BENCH_LOAD) build/tests/bench/micro
	@PORCHLIGHT=$(CURDIR)/$(BIN) python3 tests/bench/bench.py $(BENCH_ARGS)

clean:
	rm -rf build

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
