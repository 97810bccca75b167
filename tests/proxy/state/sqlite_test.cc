#include "proxy/state/sqlite.h"

#include <gtest/gtest.h>

#include "tests/support/folder.h"

namespace privet::state {
namespace {

class SqliteTest : public testing::Test {
 protected:
  testing_support::TemporaryFolder folder_;
  Database database_{folder_.write("test.sqlite", "")};
};

TEST_F(SqliteTest, KeepsNumbersTextsAndBytes) {
  using namespace std::string_view_literals;
  database_.run("CREATE TABLE t (a INTEGER, b TEXT, c BLOB)");
  EXPECT_EQ(database_.change("INSERT INTO t VALUES (?1, ?2, ?3)", ~std::uint64_t{0}, "x"sv, Blob{"\0\xff"sv}),
            1);
  EXPECT_EQ(database_.change("INSERT INTO t VALUES (?1, ?2, ?3)", 5u, ""sv, Blob{{}}), 1);
  Rows rows = database_.query("SELECT a, b, c, c IS NULL FROM t ORDER BY rowid");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), -1);
  EXPECT_EQ(rows.bytes(1), "x");
  EXPECT_EQ(rows.bytes(2), "\0\xff"sv);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.bytes(2), "");
  EXPECT_EQ(rows.integer(3), 0);
  EXPECT_FALSE(rows.next());
  EXPECT_TRUE(database_.is_good());
}

TEST_F(SqliteTest, AfterAnErrorNothingIsDoneUntilItIsCleared) {
  database_.run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
  database_.change("INSERT INTO t VALUES (?1)", 1);
  database_.change("INSERT INTO t VALUES (?1)", 1);
  EXPECT_EQ(database_.health(), Database::Health::Failed);
  EXPECT_NE(database_.cause().find("UNIQUE"), std::string::npos) << database_.cause();
  EXPECT_EQ(database_.change("INSERT INTO t VALUES (?1)", 2), 0);
  EXPECT_FALSE(database_.query("SELECT a FROM t").next());
  database_.clear();
  EXPECT_TRUE(database_.query("SELECT a FROM t").next());
  EXPECT_EQ(database_.change("INSERT INTO t VALUES (?1)", 2), 1);
}

TEST_F(SqliteTest, AFileThatIsNoDatabaseIsDamaged) {
  Database other(folder_.write("other.sqlite", std::string(5000, 'x')));
  other.query("SELECT * FROM sqlite_schema").next();
  EXPECT_EQ(other.health(), Database::Health::Damaged);
}

TEST_F(SqliteTest, AFileThatIsNotThereIsAFailure) {
  Database missing(folder_ / "missing.sqlite");
  EXPECT_EQ(missing.health(), Database::Health::Failed);
}

}  // namespace
}  // namespace privet::state
