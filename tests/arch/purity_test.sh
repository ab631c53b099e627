# Who may read a clock, draw a random number, print, throw, or look at octets through a foreign type.
. "$(dirname "$0")/lib.sh"

library=$(sources libdiag)
except() { printf '%s\n' $library | grep -vE "$1"; }

forbid "only io/clock reads a clock" \
  '(steady_clock|system_clock|high_resolution_clock)::now|clock_gettime|gettimeofday|[^_[:alnum:]]time\((NULL|nullptr|0)\)' \
  $(except '^libdiag/io/clock\.cpp$') $(sources tools)
forbid "only io/entropy draws entropy" 'getrandom|getentropy|random_device|/dev/u?random|[^_[:alnum:]]s?rand\(' \
  $(except '^libdiag/io/entropy\.cpp$') $(sources tools)
forbid "the library does not print" '(^|[^_[:alnum:]])(printf|fprintf|puts|fputs|putchar)\(|std::(cout|cerr|clog|print)|fmt::print|perror' $library
forbid "the library throws nothing" '(^|[^_[:alnum:]])(throw|try)([^_[:alnum:]]|$)' $(except '^libdiag/core/error\.hpp$')
forbid "octets are read with core/bytes, not through a cast" 'reinterpret_cast|const_cast|#pragma pack|__attribute__.*packed' \
  $(sources libdiag/core libdiag/wire libdiag/craft libdiag/probe libdiag/report)
found=$(grep -nE 'TODO|FIXME' $library $(sources tools tests) 2>/dev/null)
[ -n "$found" ] && fail "no clean-up is left for later:
$found"
forbid "tests neither sleep nor retry" 'sleep_for|sleep_until|usleep|nanosleep' \
  $(sources tests | grep -v '^tests/lab/')

finish
