# How every target of Millrace is compiled, and the functions that make one target per folder.
# A folder without sources still gives a (hollow) library, so that configuring works while folders fill up.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_SKIP_RPATH ON)

# Asserts stay in the release build: they are for our own mistakes, and cost nothing beside media work.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")
set(MILLRACE_SANITIZE "" CACHE STRING "empty, address (with undefined), thread, or fuzz (clang's, for libFuzzer)")
set_property(CACHE MILLRACE_SANITIZE PROPERTY STRINGS "" address thread fuzz)

find_program(MILLRACE_CCACHE ccache)
if(MILLRACE_CCACHE)
  # ccache refuses precompiled headers without the first two (ccache manual, "Precompiled headers"). The others let one
  # checkout have what another has compiled: paths inside the checkout count as relative, the build folder's not at all.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                                  CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MILLRACE_CCACHE})
endif()

add_library(millrace_build INTERFACE)
target_include_directories(millrace_build INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(millrace_build INTERFACE -Wall -Wextra -Wconversion -Werror)
target_link_options(millrace_build INTERFACE -Wl,--as-needed)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(millrace_build INTERFACE -fpch-preprocess)
  # False alarms of gcc 12 and 14 inside libstdc++, fmt and nlohmann/json once they are inlined.
  target_compile_options(millrace_build INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-array-bounds -Wno-dangling-pointer)
endif()

set(MILLRACE_TIMEOUT_FACTOR 1)
if(MILLRACE_SANITIZE STREQUAL "address")
  # Left out of undefined: what the address checks see anyway (null, object-size) or x86 does not mind (alignment), and
  # vptr. They are a fifth of the compile time.
  set(millrace_sanitize -fsanitize=address,undefined -fno-sanitize=null,object-size,alignment,vptr
                        -fno-sanitize-recover=undefined)
elseif(MILLRACE_SANITIZE STREQUAL "thread")
  set(millrace_sanitize -fsanitize=thread)
elseif(MILLRACE_SANITIZE STREQUAL "fuzz")
  # clang's warnings are other ones, and the plain build has no say in them.
  set(millrace_sanitize -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
                        -Wno-error -Wno-unknown-warning-option)
elseif(NOT MILLRACE_SANITIZE STREQUAL "")
  message(FATAL_ERROR "MILLRACE_SANITIZE is '${MILLRACE_SANITIZE}': use address, thread, fuzz or nothing")
endif()
if(MILLRACE_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
  set(MILLRACE_TIMEOUT_FACTOR 4)
  target_compile_options(millrace_build INTERFACE ${millrace_sanitize} -fno-omit-frame-pointer
    # The checks' own branches make -O1 see values that cannot be: warnings are the plain build's business.
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
  if(MILLRACE_SANITIZE STREQUAL "thread")
    # std::atomic_thread_fence inside Asio; TSan says that it does not model it.
    target_compile_options(millrace_build INTERFACE -Wno-tsan)
  endif()
  target_link_options(millrace_build INTERFACE ${millrace_sanitize})
endif()

# What only the tests' own sources are compiled with: they are half of a build, and nothing in them is worth optimising.
# Undefined behaviour is looked for in the code under test; address and thread checks see the tests too.
add_library(millrace_test_code INTERFACE)
target_compile_options(millrace_test_code INTERFACE -O0)
if(MILLRACE_SANITIZE STREQUAL "address")
  target_compile_options(millrace_test_code INTERFACE -fno-sanitize=undefined)
endif()

# What the thread sanitizer builds and runs: the tests whose label ends in -threads, and the programs.
add_custom_target(threaded_tests)

set(millrace_hollow ${PROJECT_BINARY_DIR}/generated/hollow.cpp)
file(CONFIGURE OUTPUT ${millrace_hollow} CONTENT "// Stands in for a folder that has no sources yet.\n")

# millrace_precompiled(NAME LINKS... HEADERS headers...): a header set compiled once; other targets take it over
# with REUSE_FROM, for which the flags and definitions of both must agree.
function(millrace_precompiled name)
  cmake_parse_arguments(arg "" "" "LINKS;HEADERS" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/generated/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Carries the precompiled headers of ${name}.\n")
  add_library(${name} STATIC ${source})
  target_link_libraries(${name} PUBLIC millrace_build ${arg_LINKS})
  target_precompile_headers(${name} PRIVATE ${arg_HEADERS})
endfunction()

# millrace_library(NAME GLOBS patterns... LINKS targets... [EXCLUDE regex] [PCH carrier] [NO_SAMPLES])
# NO_SAMPLES: its code decides and waits, and goes through no picture or sound: a release has it at -O1, which compiles in
# three quarters of the time.
function(millrace_library name)
  cmake_parse_arguments(arg "NO_SAMPLES" "EXCLUDE;PCH" "GLOBS;LINKS" ${ARGN})
  set(sources)
  foreach(pattern IN LISTS arg_GLOBS)
    file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${pattern})
    list(APPEND sources ${found})
  endforeach()
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  if(NOT sources)
    set(sources ${millrace_hollow})
  endif()
  if(NOT arg_PCH)
    set(arg_PCH millrace_pch)
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC millrace_build millrace_headers ${arg_LINKS})
  target_precompile_headers(${name} REUSE_FROM ${arg_PCH})
  if(arg_NO_SAMPLES)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# millrace_program(NAME SOURCE links...): nothing while SOURCE does not exist.
function(millrace_program name source)
  file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${source})
  if(found)
    add_executable(${name} ${found})
    target_link_libraries(${name} PRIVATE ${ARGN})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    add_dependencies(threaded_tests ${name})
  endif()
endfunction()

# millrace_test(NAME FOLDER LABEL links...): one binary from FOLDER's *.cpp, absent while there are none.
# A LABEL that ends in -threads makes it one of the threaded tests. What needs a GPU leaves its results in the build's gpu/.
function(millrace_test name folder label)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} millrace_test_support GTest::gmock_main)
  target_precompile_headers(${name} REUSE_FROM millrace_pch_test)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(label MATCHES "-threads$")
    add_dependencies(threaded_tests ${name})
  endif()
  if(NOT MILLRACE_SANITIZE)
    set(results)
    if(label STREQUAL "gpu")
      set(results XML_OUTPUT_DIR ${PROJECT_BINARY_DIR}/gpu)
    endif()
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 ${results}
      PROPERTIES LABELS ${label} TIMEOUT 120 ENVIRONMENT MILLRACE_BUILD=${PROJECT_BINARY_DIR})
    return()
  endif()
  # A sanitized process takes longer to start than most tests take to run: a few processes share a binary's tests.
  set(shards 4)
  foreach(shard RANGE 1 ${shards})
    math(EXPR index "${shard} - 1")
    add_test(NAME ${name}.${shard} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name}.${shard} PROPERTIES LABELS ${label} TIMEOUT 1200
      ENVIRONMENT "MILLRACE_BUILD=${PROJECT_BINARY_DIR};GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# millrace_fuzz(NAME links...): tests/fuzz/NAME_target.cpp as a program of libFuzzer's, in the fuzz preset alone.
function(millrace_fuzz name)
  if(NOT MILLRACE_SANITIZE STREQUAL "fuzz")
    return()
  endif()
  set(folder ${PROJECT_SOURCE_DIR}/tests/fuzz)
  add_executable(fuzz_${name} ${folder}/libfuzzer/main.cpp ${folder}/require.cpp ${folder}/${name}_target.cpp)
  target_compile_definitions(fuzz_${name} PRIVATE MILLRACE_FUZZ_TARGET=fuzz_${name})
  target_link_libraries(fuzz_${name} PRIVATE ${ARGN})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
endfunction()

# millrace_python_tests(FOLDER PREFIX LABEL TIMEOUT PROCESSORS [threaded names...]): each FOLDER/NAME_test.py becomes
# PREFIX.NAME; the label of the threaded names ends in -threads.
function(millrace_python_tests folder prefix label timeout processors)
  file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*_test.py)
  math(EXPR timeout "${timeout} * ${MILLRACE_TIMEOUT_FACTOR}")
  foreach(script IN LISTS scripts)
    get_filename_component(stem ${script} NAME_WE)
    string(REGEX REPLACE "_test$" "" stem ${stem})
    add_test(NAME ${prefix}.${stem} COMMAND ${Python3_EXECUTABLE} -B ${script}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set(own_label ${label})
    if(stem IN_LIST ARGN)
      set(own_label ${label}-threads)
    endif()
    set_tests_properties(${prefix}.${stem} PROPERTIES LABELS ${own_label} TIMEOUT ${timeout}
      PROCESSORS ${processors} SKIP_RETURN_CODE 77
      ENVIRONMENT "MILLRACE_BUILD=${PROJECT_BINARY_DIR};MILLRACE_SANITIZE=${MILLRACE_SANITIZE}")
  endforeach()
endfunction()
