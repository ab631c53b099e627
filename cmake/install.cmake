# What is installed beside the programs (tools/CMakeLists.txt), and the Debian package.
install(FILES man/diag-json.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES man/diag.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES man/diag.8 man/diag-arping.8 man/diag-ping.8 man/diag-tcp.8 man/diag-traceroute.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

# bash-completion looks for a file named after the command.
foreach(tool diag diag-arping diag-ping diag-tcp diag-traceroute)
  install(FILES completions/${tool}.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${tool})
endforeach()

install(FILES README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md CHANGELOG.md LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME diag)
set(CPACK_PACKAGE_VENDOR "The diag authors")
set(CPACK_PACKAGE_CONTACT "The diag authors <diag@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Found at run time and so invisible to shlibdeps: captures, the live view, AS databases, vendors of hardware addresses;
# setcap runs in postinst.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcap2-bin")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libpcap0.8, libncursesw6, libmaxminddb0, ieee-data, bash-completion")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/packaging/postinst)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
