# Every source of every room.
BASE_SRC := $(sort $(wildcard appliance/base/*.c))
CODEC_SRC := $(sort $(wildcard appliance/codec/*.c))
CRYPTO_SRC := $(sort $(wildcard appliance/crypto/*.c))
NET_SRC := $(sort $(wildcard appliance/net/*.c))
DB_SRC := $(sort $(wildcard db/*.c))
HTTP_SRC := $(sort $(wildcard appliance/http/*.c))
SIP_SRC := $(sort $(wildcard appliance/sip/*.c))
DIRECTORY_SRC := $(sort $(wildcard appliance/directory/*.c))
REGISTRAR_SRC := $(sort $(wildcard appliance/registrar/*.c))
PRESENCE_SRC := $(sort $(wildcard appliance/presence/*.c))
IMMCU_SRC := $(sort $(wildcard appliance/immcu/*.c))
SIMPLE_SRC := $(sort $(wildcard appliance/simple/*.c))
LYNC_SRC := $(sort $(wildcard appliance/lync/*.c))
CALL_SRC := $(sort $(wildcard appliance/call/*.c))
WEBADMIN_SRC := $(sort $(wildcard webadmin/api/*.c))
APP_SRC := $(sort $(wildcard appliance/app/*.c))

UNIT_SRC := $(sort $(wildcard tests/unit/*/test_*.c) $(wildcard tests/wire/test_*.c) $(wildcard tests/db/test_*.c))
HELPER_SRC := $(sort $(filter-out tests/db/test_%,$(wildcard tests/db/*.c)))
BENCH_LOAD_SRC := $(sort $(wildcard tests/bench/load/*.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))

DRIVER_SRC := tests/clients/drivers/driver.c tests/clients/drivers/words.c
LINPHONE_DRIVER_SRC := $(sort $(wildcard tests/clients/drivers/linphone_*.c))
PURPLE_DRIVER_SRC := $(sort $(wildcard tests/clients/drivers/purple_*.c)) tests/clients/drivers/libxml2_sax1.c
