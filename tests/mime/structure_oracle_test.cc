// mimetic builds messages of our own making; our reader must see the tree and the bytes that went in.
#include <gtest/gtest.h>
#include <mimetic/mimetic.h>

#include <sstream>

#include "mime/structure.h"

namespace privet::mime {
namespace {

std::unique_ptr<mimetic::MimeEntity> text(const std::string& body,
                                          const std::string& type = "text/plain; charset=utf-8") {
  auto entity = std::make_unique<mimetic::MimeEntity>();
  entity->header().contentType(mimetic::ContentType(type));
  entity->body().assign(body);
  return entity;
}

template <class Encoder>
std::unique_ptr<mimetic::MimeEntity> encoded(const std::string& body, const char* name, Encoder encoder) {
  auto entity = text(body);
  entity->body().code(encoder);
  entity->header().contentTransferEncoding(mimetic::ContentTransferEncoding(name));
  return entity;
}

/// mimetic deletes the parts together with the multipart.
template <class Multipart>
std::unique_ptr<Multipart> joined(std::vector<std::unique_ptr<mimetic::MimeEntity>> parts) {
  auto entity = std::make_unique<Multipart>();
  for (auto& part : parts) entity->body().parts().push_back(part.release());
  return entity;
}

template <class... Parts>
std::vector<std::unique_ptr<mimetic::MimeEntity>> list(Parts... parts) {
  std::vector<std::unique_ptr<mimetic::MimeEntity>> all;
  (all.push_back(std::move(parts)), ...);
  return all;
}

/// mimetic's encoders end their lines with a bare line feed.
std::string written(const mimetic::MimeEntity& entity) {
  std::ostringstream out;
  out << entity;
  std::string content;
  for (const char c : out.str()) {
    if (c == '\n' && !content.ends_with('\r')) content += '\r';
    content += c;
  }
  return content;
}

/// The tree as mimetic holds it, in our order.
std::string tree(const mimetic::MimeEntity& entity, std::size_t depth = 0) {
  const mimetic::ContentType& type = entity.header().contentType();
  std::string lines = std::string(depth, ' ') + type.type() + "/" + type.subtype() + "\n";
  for (const mimetic::MimeEntity* part : entity.body().parts()) lines += tree(*part, depth + 1);
  return lines;
}

std::string tree(const Structure& structure) {
  std::string lines;
  for (const Part& part : structure.parts)
    lines += std::string(part.depth, ' ') + part.content_type.type + "\n";
  return lines;
}

TEST(StructureOracle, SeesTheTreeOfMixedAndAlternative) {
  auto alternative =
      joined<mimetic::MultipartAlternative>(list(text("plain\r\n"), text("<p>x</p>", "text/html")));
  const auto mixed = joined<mimetic::MultipartMixed>(
      list(std::move(alternative), text("%PDF", "application/pdf"), text("", "text/csv")));
  const std::string content = written(*mixed);
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure) << structure.error().what << content;
  EXPECT_EQ(tree(*structure), tree(*mixed));
}

TEST(StructureOracle, SeesTheTreeOfManyLevels) {
  std::unique_ptr<mimetic::MimeEntity> inner = text("deep");
  for (int i = 0; i < 30; ++i)
    inner = joined<mimetic::MultipartMixed>(list(std::move(inner), text("beside")));
  const std::string content = written(*inner);
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure) << structure.error().what;
  EXPECT_EQ(tree(*structure), tree(*inner));
}

TEST(StructureOracle, EntersNestedMessages) {
  auto nested = joined<mimetic::MultipartMixed>(list(text("inside")));
  auto message = text("", "message/rfc822");
  message->body().parts().push_back(nested.release());
  const auto mixed = joined<mimetic::MultipartMixed>(list(text("see below"), std::move(message)));
  const std::string content = written(*mixed);
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure) << structure.error().what << content;
  EXPECT_EQ(tree(*structure),
            "multipart/mixed\n text/plain\n message/rfc822\n  multipart/mixed\n   text/plain\n")
      << content;
  EXPECT_EQ(structure->parts.back().body, "inside");
}

TEST(StructureOracle, DecodesTheBytesThatMimeticEncoded) {
  std::string every_byte;
  for (int i = 0; i < 2000; ++i) every_byte += static_cast<char>(i * 7 % 256);
  const std::string bodies[] = {"", "a", "ab", "abc", "bob@acme.test = x\r\n\r\nGrüße \r\n", every_byte};
  for (const std::string& body : bodies) {
    auto base64 = encoded(body, "base64", mimetic::Base64::Encoder());
    const auto mixed = joined<mimetic::MultipartMixed>(list(std::move(base64)));
    const std::string content = written(*mixed);
    const Result<Structure> structure = parse_structure(content);
    ASSERT_TRUE(structure) << structure.error().what << content;
    EXPECT_EQ(decode_body(structure->parts.at(1)), body);
  }
  const std::string lines = "bob=40acme.test = x\r\n\r\n" + std::string(200, 'y') + "\r\nGrüße\r\n";
  auto printable = encoded(lines, "quoted-printable", mimetic::QP::Encoder());
  const auto mixed = joined<mimetic::MultipartMixed>(list(std::move(printable)));
  const std::string content = written(*mixed);
  const Result<Structure> structure = parse_structure(content);
  ASSERT_TRUE(structure) << structure.error().what << content;
  EXPECT_EQ(decode_body(structure->parts.at(1)), lines);
}

}  // namespace
}  // namespace privet::mime
