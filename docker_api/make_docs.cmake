# Makes the reference documentation; fails at a warning of Doxygen's.
#
#   cmake -DDOXYGEN=... -DSOURCE=... -DOUTPUT=... "-DHEADERS=a.hpp b.hpp" -P make_docs.cmake
file(MAKE_DIRECTORY ${OUTPUT})
file(WRITE ${OUTPUT}/Doxyfile
  "@INCLUDE = docker_api/Doxyfile\nINPUT = docker_api/README.md ${HEADERS}\nOUTPUT_DIRECTORY = ${OUTPUT}\n")
execute_process(COMMAND ${DOXYGEN} ${OUTPUT}/Doxyfile WORKING_DIRECTORY ${SOURCE}
  RESULT_VARIABLE result OUTPUT_VARIABLE warnings ERROR_VARIABLE warnings)

# A field says by its name what it is, a move and a comparison what they do; all else has a docstring.
set(needs_none "Member [A-Za-z0-9_]+ \\(variable\\) of struct|Member ~|Member operator(=|==|<=>)\\(|Member [A-Za-z]+\\([A-Za-z]+ &&\\)")
string(REPLACE ";" "," warnings "${warnings}")
string(REGEX MATCHALL "[^\n]+" lines "${warnings}")
list(FILTER lines EXCLUDE REGEX "${needs_none}")
if(lines OR result)
  list(JOIN lines "\n" text)
  message(FATAL_ERROR "the documentation is not complete (doxygen: ${result}):\n${text}")
endif()
message(STATUS "docker_api's documentation: ${OUTPUT}/html/index.html")
