#!/bin/sh
# A Chromium for the browser tests, when none answers: Debian's package as root, else Playwright's own.
set -eu
cd "$(dirname "$0")/../.."
python=.venv/bin/python

for candidate in chromium chromium-browser google-chrome google-chrome-stable; do
    "$candidate" --version >/dev/null 2>&1 && exit 0  # on Ubuntu the command may be a stub that only fails
done
"$python" - <<'CHECK' 2>/dev/null && exit 0
import sys
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not Path(playwright.chromium.executable_path).exists())
CHECK

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && grep -qs '^ID=debian' /etc/os-release; then
    echo "Chromium : paquet Debian"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=900 update
    apt-get -qq -y -o DPkg::Lock::Timeout=900 install --no-install-recommends chromium fonts-dejavu-core >/dev/null
elif [ "$(id -u)" = 0 ]; then
    exec "$python" -m playwright install --with-deps chromium
else
    exec "$python" -m playwright install chromium
fi
