# Installs the build, then configures, builds and runs the consumer against it.
set(prefix ${BUILD}/consumer_prefix)
set(work ${BUILD}/consumer_build)
file(REMOVE_RECURSE ${prefix} ${work})
foreach(step IN ITEMS
        "${CMAKE_COMMAND};--install;${BUILD};--prefix;${prefix}"
        "${CMAKE_COMMAND};-G;Ninja;-S;${SOURCE};-B;${work};-DCMAKE_PREFIX_PATH=${prefix};-DCMAKE_CXX_COMPILER=${CXX};-DCMAKE_CXX_FLAGS=${FLAGS}"
        "${CMAKE_COMMAND};--build;${work}"
        "${work}/consumer")
    execute_process(COMMAND ${step} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "failed: ${step}")
    endif()
endforeach()
