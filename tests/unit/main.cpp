// The entry point of every unit test executable.
#define BOOST_TEST_MODULE tenon
#include <boost/test/unit_test.hpp>
