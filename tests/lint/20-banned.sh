#!/bin/sh
# Functions that cannot be used safely, and memory whose size a peer chooses on the stack.
set -eu
cd "$(dirname "$0")/../.."
files=$(git ls-files -co --exclude-standard -- 'appliance/*.[ch]' 'db/*.[ch]' 'webadmin/*.[ch]')
# shellcheck disable=SC2086
! grep -nE '(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|rand|srand|gets|alloca|strncpy)[[:space:]]*\(' $files
