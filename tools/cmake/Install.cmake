# SPDX-License-Identifier: Apache-2.0
# What is installed besides the programs (posthorn_program installs those). Nothing is written to the system's
# configuration: the sample lies with the documentation, units and init script where a packager finds them.
set(share "${CMAKE_INSTALL_DATADIR}/posthorn")
install(FILES LICENSE README.md etc/posthorn.yaml DESTINATION "${CMAKE_INSTALL_DOCDIR}")

file(GLOB manuals CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/etc/man/*.[1-8]")
foreach(manual ${manuals})
  string(REGEX REPLACE ".*\\." "" section "${manual}")
  install(FILES "${manual}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
endforeach()

# Units name the programs by their installed place.
file(GLOB units CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/etc/systemd/*.in" "${CMAKE_SOURCE_DIR}/etc/init/*.in")
foreach(unit ${units})
  cmake_path(GET unit STEM LAST_ONLY name)
  cmake_path(GET unit PARENT_PATH folder)
  cmake_path(GET folder FILENAME kind)
  set(permissions OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  if(kind STREQUAL "init")
    list(APPEND permissions OWNER_EXECUTE GROUP_EXECUTE WORLD_EXECUTE)
  endif()
  configure_file("${unit}" "${CMAKE_BINARY_DIR}/etc/${kind}/${name}" @ONLY FILE_PERMISSIONS ${permissions})
  if(kind STREQUAL "systemd")
    install(FILES "${CMAKE_BINARY_DIR}/etc/systemd/${name}" DESTINATION lib/systemd/system)
  else()
    install(PROGRAMS "${CMAKE_BINARY_DIR}/etc/init/${name}" DESTINATION "${share}/init")
  endif()
endforeach()

foreach(folder fail2ban ldap grafana)
  if(IS_DIRECTORY "${CMAKE_SOURCE_DIR}/etc/${folder}")
    install(DIRECTORY "${CMAKE_SOURCE_DIR}/etc/${folder}" DESTINATION "${share}")
  endif()
endforeach()
