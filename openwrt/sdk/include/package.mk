# BuildPackage as an OpenWrt buildroot has it, for opkg's format alone.

.PHONY: all
all:

# $(1): the package. Its variables are set anew for each.
define BuildPackage
  TITLE:=
  DEPENDS:=
  SECTION:=
  URL:=
  PKGARCH:=$(ARCH)
  $$(eval $$(Package/$(1)))
  $$(eval $$(call PackIpk,$(1)))
endef

# The list of needed packages without conditions on the target, separated by commas.
comma:=,
empty:=
space:=$(empty) $(empty)
needed=$(subst $(space),$(comma) ,$(strip libc $(patsubst +%,%,$(filter +%,$(1)))))

define ControlFile
Package: $(1)
Version: $(PKG_VERSION)-r$(PKG_RELEASE)
Depends: $(call needed,$(DEPENDS))
Source: feeds/ltewan/$(PKG_NAME)
SourceName: $(PKG_NAME)
License: $(PKG_LICENSE)
Section: $(or $(SECTION),net)
SourceDateEpoch: $(SOURCE_DATE_EPOCH)
Maintainer: $(or $(PKG_MAINTAINER),The ltewan developers)
Architecture: $(PKGARCH)
Installed-Size: 0
Description: $(TITLE).
$(or $(Package/$(1)/description),  $(TITLE).)
endef

# The scripts around a package's own, as the buildroot writes them.
define PostInst
#!/bin/sh
[ "$${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s $${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. $${IPKG_INSTROOT}/lib/functions.sh
default_postinst $$0 $$@
endef

define PreRm
#!/bin/sh
[ -s $${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. $${IPKG_INSTROOT}/lib/functions.sh
default_prerm $$0 $$@
endef

# The control file is fixed here, for the next package has other values. The folders are a target of
# their own: make writes the files of a recipe before it runs the first line.
define PackIpk
all: $(1).ipk
.PHONY: $(1).ipk $(1).folders
$(1).folders:
	rm -rf $(WORK)/$(1) $(PKG_BUILD_DIR)
	mkdir -p $(WORK)/$(1)/data $(WORK)/$(1)/control
$(1).ipk: control:=$$(call ControlFile,$(1))
$(1).ipk: $(1).folders
	$$(Build/Prepare)
	$$(Build/Compile)
	$$(call Package/$(1)/install,$(WORK)/$(1)/data)
	$$(file >$(WORK)/$(1)/control/control,$$(control))
	$$(file >$(WORK)/$(1)/control/postinst,$$(PostInst))
	$$(file >$(WORK)/$(1)/control/prerm,$$(PreRm))
	$$(if $$(Package/$(1)/postinst),$$(file >$(WORK)/$(1)/control/postinst-pkg,$$(Package/$(1)/postinst)))
	$$(if $$(Package/$(1)/prerm),$$(file >$(WORK)/$(1)/control/prerm-pkg,$$(Package/$(1)/prerm)))
	$$(if $$(Package/$(1)/conffiles),$$(file >$(WORK)/$(1)/control/conffiles,$$(strip $$(Package/$(1)/conffiles))))
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) sh $(TOPDIR)/pack $(WORK)/$(1) $(OUT)
endef
