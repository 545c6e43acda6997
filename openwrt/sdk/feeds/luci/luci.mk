# A LuCI application and its translations as the feed `luci` packs them.

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

# A package for each language: $(1). The names are those of LuCI's own luci.mk.
LUCI_BASENAME:=$(patsubst luci-app-%,%,$(PKG_NAME))
LUCI_LANG.de:=Deutsch (German)
LUCI_LANG.fr:=Français (French)

define LuciTranslation
define Package/luci-i18n-$(LUCI_BASENAME)-$(1)
  SECTION:=luci
  TITLE:=$(PKG_NAME) - $(1) translation
  DEPENDS:=+$(PKG_NAME)
  PKGARCH:=all
endef

define Package/luci-i18n-$(LUCI_BASENAME)-$(1)/install
	$$(INSTALL_DIR) $$(1)/etc/uci-defaults $$(1)/usr/lib/lua/luci/i18n
	echo "uci set luci.languages.$(1)='$(LUCI_LANG.$(1))'; uci commit luci" \
		>$$(1)/etc/uci-defaults/luci-i18n-$(LUCI_BASENAME)-$(1)
	$(TOPDIR)/po2lmo po/$(1)/$(LUCI_BASENAME).po \
		$$(1)/usr/lib/lua/luci/i18n/$(LUCI_BASENAME).$(1).lmo
endef

$$(eval $$(call BuildPackage,luci-i18n-$(LUCI_BASENAME)-$(1)))
endef

$(eval $(call BuildPackage,$(PKG_NAME)))
$(foreach po,$(wildcard po/*/$(LUCI_BASENAME).po),$(eval $(call LuciTranslation,$(notdir $(patsubst %/,%,$(dir $(po)))))))
