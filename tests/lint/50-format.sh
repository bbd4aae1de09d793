#!/bin/sh
# One format: .clang-format.
set -eu
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard -- '*.c' '*.h' | xargs clang-format --dry-run --Werror
