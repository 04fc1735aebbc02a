# SPDX-License-Identifier: MIT
"""Mutants of the redaction of texts, and of the ini files from which settings come."""

MUTANTS = [("redact_" + name, "standalone", "unit.redact", "modules/redact/%s.cpp" % file, before, after)
           for name, file, before, after in (
    ("harmless_words_are_secret", "names", "  if (is_among(word, harmless)) return false;\n", ""),
    ("questions_are_secret", "names", "secret && !asks && ", "secret && "),
    ("descriptions_are_secret", "names", " && !is_among(last, descriptions);", ";"),
    ("humps_divide_nothing", "names", "    if (hump) break;\n", "    static_cast<void>(hump);\n"),
    ("programs_reach_the_next_line", "options", "    if (gap.find('\\n') != npos) programs_ = 0;\n", ""),
    ("options_with_their_value", "options",
     "    if (word != option.flag && option.together) return {dash + option.flag.size(), end};\n", ""),
    ("users_are_passwords", "options",
     "return has_password(text_.substr(value, found.end - value)) ? found : Passage{};", "return found;"),
    ("the_user_s_at_ends_the_password", "options", "at == npos || at < slash ? end", "at == npos ? end"),
    ("doubled_quotes_end", "pairs", "bool const doubled = depth == 0 && ", "bool const doubled = depth == 99 && "),
    ("pairs_of_name_and_value", "pairs", "std::exchange(names_secret_, false) && same_word",
     "std::exchange(names_secret_, false) && !same_word"),
    ("files_are_secrets", "pairs", "    if (kind == ':' && names_file(word, name.quote)) continue;\n", ""),
    ("grants_in_the_middle", "pairs", "(before == '?' || before == '&')", "before == '&'"),
    ("passage_ends_with_its_last_part", "redact", "result.end = std::max(result.end, head.end);", "result.end = head.end;"),
    ("shown_after_one_look", "redact", "    if (again == result) return result;\n", "    if (count == 0) return result;\n"),
    ("short_tokens", "tokens", "    if (run < shape.least) continue;\n    bool const scheme", "    bool const scheme"),
    ("prose_is_a_token", "tokens", "    if (scheme && is_prose(rest.substr(0, run))) continue;\n",
     "    static_cast<void>(scheme);\n"),
    ("keys_that_are_cut_are_shown", "tokens", "  if (end == npos) return text.size();\n  auto const close",
     "  if (end == npos) return 0;\n  auto const close"),
    ("mail_is_a_login", "logins",
     "  if (std::ranges::any_of(no_users, [name](auto other) { return same_word(name, other); })) return {};\n", ""),
    ("logins_reach_the_next_line", "logins", " || lines_.of(\"\\n\", end) < later) return {};", ") return {};"),
    ("one_port_more", "urls", "number <= 65'535", "number <= 65'536"),
    ("blanks_end_a_password", "urls", "return complete ? last : reach.rfind('@');",
     "return complete || last != npos ? last : 0;"),
)] + [("ini_" + name, "standalone", "unit.settings", "modules/settings/config_parser.cpp", before, after)
      for name, before, after in (
    ("semicolons_are_values", " || content.starts_with(';')) return;", ") return;"),
    ("lines_of_one_depth_run_together", "indent > indent_", "indent >= indent_"),
    ("defaults_in_one_place", "if (!fresh && name != \"DEFAULT\") {", "if (!fresh) {"),
    ("one_reference_more", "if (depth > 10) return", "if (depth > 11) return"),
    ("largest_file_is_too_large", "bytes.size() > largest_file", "bytes.size() >= largest_file"),
    ("line_ends_count_twice", "text.starts_with(\"\\r\\n\") ? 2 :", "text.starts_with(\"\\r\\n\") ? 1 :"),
    ("defaults_win", "section.contains(name) ? section : defaults", "defaults.contains(name) ? defaults : section"),
    ("nul_is_text", "if (character != 0 && boost", "if (boost"),
)]
