# Stands in for the rules.mk of an OpenWrt buildroot, so that `make ipk` builds the packages from the
# same Makefiles as the feed, without one. Only what those Makefiles use is here.
# From the command line: OUT (where packages go), WORK (scratch), ARCH (the packages' architecture),
# PROGRAM (the cross-built ltewan), SOURCE_DATE_EPOCH.

INCLUDE_DIR:=$(TOPDIR)/include
PKG_BUILD_DIR=$(WORK)/build-$(PKG_NAME)
PKG_INSTALL_DIR=$(PKG_BUILD_DIR)/ipkg-install

CP:=cp -fpR
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_DATA:=install -m0644
INSTALL_CONF:=install -m0600
