// Reads rows as JSON through the installed library, the way the README shows.
#include <tenon.h>

#include <iostream>

int main() {
    const tenon::Schema schema = tenon::read_schema("blog.yaml", "tables: { user: { columns: { username: text } } }");
    auto db = tenon::open("sqlite::memory:");
    db.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT NOT NULL)");
    auto models = tenon::Models(db, schema);
    auto tx = db.begin();
    models["user"].insert(tx, {{"username", "ann"}});
    tx.commit();
    const std::string json = models["user"].where("username", tenon::contains("an")).json();
    std::cout << json << '\n';
    return json == R"([{"id":1,"username":"ann"}])" ? 0 : 1;
}
