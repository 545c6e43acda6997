# A LuCI application as the feed `luci` packs it, but for translations, which its own tool compiles.

PKG_NAME?=$(notdir $(CURDIR))
PKG_VERSION?=$(shell sed -n 's/^version = "\(.*\)"/\1/p' $(CURDIR)/../Cargo.toml)
PKG_RELEASE?=1

include $(INCLUDE_DIR)/package.mk

define Package/$(PKG_NAME)
  SECTION:=luci
  TITLE:=$(LUCI_TITLE)
  DEPENDS:=$(LUCI_DEPENDS)
  PKGARCH:=$(or $(LUCI_PKGARCH),all)
endef

ifdef LUCI_DESCRIPTION
define Package/$(PKG_NAME)/description
  $(LUCI_DESCRIPTION)
endef
endif

define Package/$(PKG_NAME)/install
	$(if $(wildcard htdocs),$(INSTALL_DIR) $(1)/www && $(CP) htdocs/. $(1)/www/)
	$(if $(wildcard root),$(CP) root/. $(1)/)
endef

# The menu and the access groups are read anew.
define Package/$(PKG_NAME)/postinst
[ -n "$${IPKG_INSTROOT}" ] || {
	rm -f /tmp/luci-indexcache.*
	rm -rf /tmp/luci-modulecache/
	killall -HUP rpcd 2>/dev/null
	exit 0
}
endef

$(eval $(call BuildPackage,$(PKG_NAME)))
