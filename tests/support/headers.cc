// Only here to compile the headers that every test begins with; see tests/CMakeLists.txt.
