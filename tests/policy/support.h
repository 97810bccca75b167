// What the policy tests share: a small tenant, and files that exist only in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "policy/tenant_file.h"

namespace privet::policy {

/// A FileReader over a map from path to text.
inline FileReader files(std::map<std::string, std::string> texts = {}) {
  return [texts = std::move(texts)](const std::string& path) -> Result<std::string> {
    const auto found = texts.find(path);
    if (found == texts.end()) return failure("no such file");
    return found->second;
  };
}

/// The required keys; lists, rules and the like go behind them.
inline const std::string kBase =
    "privet: 1\n"
    "tenant: acme\n"
    "domains: [acme.example, .acme.example]\n"
    "upstream: {smtp: {maildir: mail}}\n"
    "crm: [{profile: pipedrive, addresses: [acme@pipedrivemail.com, acme+*@pipedrivemail.com]}]\n";

inline LoadedTenant load(const std::string& text, const FileReader& reader = files()) {
  auto loaded = load_tenant(text, "tenants/acme.yaml", reader);
  EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().to_string());
  return loaded ? *std::move(loaded) : LoadedTenant{};
}

inline mime::AddrSpec address(std::string_view text) {
  const auto parsed = mime::parse_addr_spec(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(mime::AddrSpec{});
}

}  // namespace privet::policy
