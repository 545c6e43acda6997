# The program was built beforehand, for which no buildroot is needed.

define Build/Compile
	$(INSTALL_DIR) $(PKG_INSTALL_DIR)/bin
	$(INSTALL_BIN) $(PROGRAM) $(PKG_INSTALL_DIR)/bin/$(PKG_NAME)
endef

# A package that says itself what is installed needs nothing else.
RustBinPackage:=
