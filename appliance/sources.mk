# Every source, by room; then those of the tests.  tests/lint/70-sources.sh compares this with the disk.
BASE_SRC := appliance/base/arena.c appliance/base/buf.c appliance/base/buf_fmt.c appliance/base/clk.c \
	appliance/base/err.c appliance/base/heap.c appliance/base/log.c appliance/base/map.c appliance/base/mem.c \
	appliance/base/num.c appliance/base/rand.c appliance/base/siphash.c appliance/base/str.c
CODEC_SRC := appliance/codec/base64.c appliance/codec/cpim.c appliance/codec/date.c appliance/codec/inflate.c \
	appliance/codec/mime.c appliance/codec/uri.c appliance/codec/uri_eq.c appliance/codec/uri_text.c \
	appliance/codec/utf16.c appliance/codec/xml.c appliance/codec/xml_find.c appliance/codec/xmlw.c
CRYPTO_SRC := appliance/crypto/digest.c appliance/crypto/gcm.c appliance/crypto/nthash.c \
	appliance/crypto/password.c appliance/crypto/pwhash.c appliance/crypto/rc4.c appliance/crypto/seal.c \
	appliance/crypto/seal_file.c appliance/crypto/seal_key.c appliance/crypto/token.c appliance/crypto/unseal.c \
	appliance/crypto/x509.c appliance/crypto/x509_client.c appliance/crypto/x509_der.c \
	appliance/crypto/x509_import.c appliance/crypto/x509_load.c appliance/crypto/x509_make.c \
	appliance/crypto/x509_write.c
NET_SRC := appliance/net/addr.c appliance/net/door.c appliance/net/door_classify.c appliance/net/hub.c \
	appliance/net/hub_io.c appliance/net/loop.c appliance/net/pagealloc.c appliance/net/queue.c \
	appliance/net/sockets.c appliance/net/source.c appliance/net/stream.c appliance/net/thread.c \
	appliance/net/throttle.c appliance/net/tls.c appliance/net/worker.c
DB_SRC := db/accounts.c db/admin_tokens.c db/admins.c db/archive.c db/audit.c db/backup.c db/bigram.c \
	db/certs.c db/check.c db/checkpoint.c db/departments.c db/groups.c db/lync_categories.c db/lync_certs.c \
	db/migrate.c db/offline.c db/photos.c db/records.c db/restore.c db/rosters.c db/settings.c db/sqlite.c \
	db/store.c db/store_group.c db/store_open.c db/sweep.c db/walguard.c
HTTP_SRC := appliance/http/control.c appliance/http/guard.c appliance/http/plain.c appliance/http/request.c \
	appliance/http/route.c appliance/http/server.c appliance/http/static.c appliance/http/target.c \
	appliance/http/tlspipe.c
SIP_SRC := appliance/sip/addr.c appliance/sip/build.c appliance/sip/dialog.c appliance/sip/digest.c \
	appliance/sip/dispatch.c appliance/sip/event.c appliance/sip/fork.c appliance/sip/forward.c \
	appliance/sip/frame.c appliance/sip/hdr.c appliance/sip/lex.c appliance/sip/methods.c appliance/sip/msg.c \
	appliance/sip/msg_check.c appliance/sip/msg_get.c appliance/sip/quirks.c appliance/sip/route.c \
	appliance/sip/stack.c appliance/sip/txn_client.c appliance/sip/txn_server.c appliance/sip/uri_lenient.c \
	appliance/sip/via.c
DIRECTORY_SRC := appliance/directory/account_add.c appliance/directory/account_change.c \
	appliance/directory/change.c appliance/directory/credential.c appliance/directory/departments.c \
	appliance/directory/directory.c appliance/directory/grants.c appliance/directory/persons.c \
	appliance/directory/photo.c appliance/directory/roster.c appliance/directory/roster_change.c \
	appliance/directory/roster_department.c appliance/directory/subscribers.c
REGISTRAR_SRC := appliance/registrar/full.c appliance/registrar/registrar.c
PRESENCE_SRC := appliance/presence/access.c appliance/presence/facet.c appliance/presence/presence.c \
	appliance/presence/state.c
IMMCU_SRC := appliance/immcu/archive.c appliance/immcu/call_record.c appliance/immcu/conversation.c \
	appliance/immcu/delivery.c appliance/immcu/filter.c appliance/immcu/filter_disk.c appliance/immcu/group.c \
	appliance/immcu/group_disk.c appliance/immcu/group_leg.c appliance/immcu/group_member.c \
	appliance/immcu/group_submit.c appliance/immcu/group_text.c appliance/immcu/immcu.c appliance/immcu/offline.c \
	appliance/immcu/record.c appliance/immcu/session.c appliance/immcu/tell.c appliance/immcu/text.c
SIMPLE_SRC := appliance/simple/auth.c appliance/simple/deliver.c appliance/simple/focus.c \
	appliance/simple/focus_event.c appliance/simple/focus_invite.c appliance/simple/focus_join.c \
	appliance/simple/focus_list.c appliance/simple/focus_part.c appliance/simple/focus_receipt.c \
	appliance/simple/focus_refer.c appliance/simple/focus_roster.c appliance/simple/focus_text.c \
	appliance/simple/kind.c appliance/simple/list.c appliance/simple/message.c appliance/simple/options.c \
	appliance/simple/pidf.c appliance/simple/publish.c appliance/simple/register.c \
	appliance/simple/resource_lists.c appliance/simple/simple.c appliance/simple/watch.c appliance/simple/who.c \
	appliance/simple/xcap.c
LYNC_SRC := appliance/lync/abook.c appliance/lync/abook_query.c appliance/lync/auth.c \
	appliance/lync/auth_hdr.c appliance/lync/avail_map.c appliance/lync/c3p.c appliance/lync/category.c \
	appliance/lync/certprov.c appliance/lync/conf_factory.c appliance/lync/conf_focus.c \
	appliance/lync/conf_invite.c appliance/lync/conf_mcu.c appliance/lync/conf_roster.c appliance/lync/conf_uri.c \
	appliance/lync/contacts.c appliance/lync/decode_contact.c appliance/lync/decode_members.c \
	appliance/lync/decode_publication.c appliance/lync/deregister.c appliance/lync/discover.c \
	appliance/lync/dsk.c appliance/lync/dsk_auth.c appliance/lync/dsk_keys.c appliance/lync/dsk_record.c \
	appliance/lync/dsk_rsa.c appliance/lync/facet_map.c appliance/lync/file_offer.c appliance/lync/finish.c \
	appliance/lync/im_chat.c appliance/lync/im_in.c appliance/lync/im_invite.c appliance/lync/im_out.c \
	appliance/lync/instance.c appliance/lync/levels.c appliance/lync/lync.c appliance/lync/members.c \
	appliance/lync/ntlm.c appliance/lync/ntlm_auth.c appliance/lync/options.c appliance/lync/provision.c \
	appliance/lync/publish.c appliance/lync/register.c appliance/lync/render.c appliance/lync/richtext.c \
	appliance/lync/rlmi.c appliance/lync/sa.c appliance/lync/search.c appliance/lync/self.c \
	appliance/lync/service.c appliance/lync/sign.c appliance/lync/soap.c appliance/lync/state_xml.c \
	appliance/lync/stored.c appliance/lync/sub.c appliance/lync/text_format.c appliance/lync/ticket.c \
	appliance/lync/user.c appliance/lync/watch.c appliance/lync/web.c appliance/lync/web_auth.c \
	appliance/lync/who.c
CALL_SRC := appliance/call/call.c appliance/call/in_dialog.c appliance/call/invite.c
WEBADMIN_SRC := webadmin/api/access.c webadmin/api/admins.c webadmin/api/admins_change.c \
	webadmin/api/archive.c webadmin/api/audit.c webadmin/api/authn.c webadmin/api/backups.c \
	webadmin/api/ca_page.c webadmin/api/call.c webadmin/api/certificates.c webadmin/api/client_certs.c \
	webadmin/api/contacts.c webadmin/api/csv.c webadmin/api/departments.c webadmin/api/filters.c \
	webadmin/api/groups.c webadmin/api/input.c webadmin/api/issue.c webadmin/api/jobs.c webadmin/api/keys.c \
	webadmin/api/link.c webadmin/api/live.c webadmin/api/log.c webadmin/api/open.c webadmin/api/password.c \
	webadmin/api/photos.c webadmin/api/records.c webadmin/api/reply.c webadmin/api/routes.c \
	webadmin/api/session.c webadmin/api/sessions.c webadmin/api/settings.c webadmin/api/setup.c \
	webadmin/api/status.c webadmin/api/users.c webadmin/api/users_change.c webadmin/api/users_import.c
APP_SRC := appliance/app/cli.c appliance/app/cli_admin.c appliance/app/cli_archive.c appliance/app/cli_audit.c \
	appliance/app/cli_backup.c appliance/app/cli_cert.c appliance/app/cli_check.c appliance/app/cli_department.c \
	appliance/app/cli_endpoint.c appliance/app/cli_filter.c appliance/app/cli_group.c appliance/app/cli_init.c \
	appliance/app/cli_person.c appliance/app/cli_record.c appliance/app/cli_restore.c appliance/app/cli_serve.c \
	appliance/app/cli_settings.c appliance/app/cli_simple.c appliance/app/cli_upgrade.c appliance/app/cli_user.c \
	appliance/app/cli_version.c appliance/app/config.c appliance/app/ctl.c appliance/app/datadir.c \
	appliance/app/httpc.c appliance/app/job_wait.c appliance/app/licences.c appliance/app/main.c \
	appliance/app/metrics.c appliance/app/notify.c appliance/app/sandbox.c appliance/app/server.c \
	appliance/app/server_cert.c appliance/app/server_health.c appliance/app/server_metrics.c \
	appliance/app/server_net.c appliance/app/server_rooms.c appliance/app/server_setup.c \
	appliance/app/server_sip.c appliance/app/server_trim.c appliance/app/server_web.c

UNIT_SRC := tests/db/test_accounts.c tests/db/test_admins.c tests/db/test_archive.c tests/db/test_audit.c \
	tests/db/test_certs.c tests/db/test_departments.c tests/db/test_groups.c tests/db/test_lync.c \
	tests/db/test_offline.c tests/db/test_photos.c tests/db/test_records.c tests/db/test_rosters.c \
	tests/db/test_settings.c tests/unit/app/test_cli.c tests/unit/app/test_config.c tests/unit/app/test_metrics.c \
	tests/unit/base/test_buf.c tests/unit/base/test_heap.c tests/unit/base/test_log.c tests/unit/base/test_map.c \
	tests/unit/base/test_num.c tests/unit/base/test_str.c tests/unit/codec/test_base64.c \
	tests/unit/codec/test_cpim.c tests/unit/codec/test_date.c tests/unit/codec/test_inflate.c \
	tests/unit/codec/test_mime.c tests/unit/codec/test_uri.c tests/unit/codec/test_xml.c \
	tests/unit/codec/test_xmlw.c tests/unit/crypto/test_digest.c tests/unit/crypto/test_gcm.c \
	tests/unit/crypto/test_password.c tests/unit/crypto/test_seal.c tests/unit/crypto/test_token.c \
	tests/unit/crypto/test_x509.c tests/unit/crypto/test_x509_client.c tests/unit/db/test_backup.c \
	tests/unit/db/test_bigram.c tests/unit/db/test_migrate.c tests/unit/db/test_store.c \
	tests/unit/db/test_store_open.c tests/unit/db/test_sweep.c tests/unit/directory/test_departments.c \
	tests/unit/directory/test_directory.c tests/unit/directory/test_import.c tests/unit/directory/test_photo.c \
	tests/unit/directory/test_roster.c tests/unit/directory/test_roster_model.c \
	tests/unit/directory/test_subscribers.c tests/unit/http/test_guard.c tests/unit/http/test_plain.c \
	tests/unit/http/test_route.c tests/unit/http/test_server.c tests/unit/http/test_target.c \
	tests/unit/immcu/test_delivery.c tests/unit/immcu/test_filter.c tests/unit/immcu/test_group.c \
	tests/unit/immcu/test_group_walk.c tests/unit/immcu/test_lossless.c tests/unit/lync/test_auth_hdr.c \
	tests/unit/lync/test_avail_map.c tests/unit/lync/test_category.c tests/unit/lync/test_decode_contact.c \
	tests/unit/lync/test_dsk.c tests/unit/lync/test_facet_map.c tests/unit/lync/test_file_offer.c \
	tests/unit/lync/test_instance.c tests/unit/lync/test_ntlm.c tests/unit/lync/test_render.c \
	tests/unit/lync/test_richtext.c tests/unit/lync/test_rlmi.c tests/unit/lync/test_sa.c \
	tests/unit/lync/test_sign.c tests/unit/net/test_addr.c tests/unit/net/test_door.c \
	tests/unit/net/test_door_classify.c tests/unit/net/test_hub.c tests/unit/net/test_loop.c \
	tests/unit/net/test_pagealloc.c tests/unit/net/test_queue.c tests/unit/net/test_sockets.c \
	tests/unit/net/test_source.c tests/unit/net/test_throttle.c tests/unit/net/test_worker.c \
	tests/unit/presence/test_facet.c tests/unit/presence/test_presence.c tests/unit/registrar/test_full.c \
	tests/unit/registrar/test_model.c tests/unit/registrar/test_registrar.c tests/unit/simple/test_auth.c \
	tests/unit/simple/test_focus_list.c tests/unit/simple/test_hostile.c tests/unit/simple/test_kind.c \
	tests/unit/simple/test_message.c tests/unit/simple/test_pidf.c tests/unit/simple/test_property.c \
	tests/unit/simple/test_publish.c tests/unit/simple/test_register.c tests/unit/simple/test_watch.c \
	tests/unit/sip/test_addr.c tests/unit/sip/test_dialog.c tests/unit/sip/test_digest.c \
	tests/unit/sip/test_event.c tests/unit/sip/test_fork.c tests/unit/sip/test_frame.c tests/unit/sip/test_hdr.c \
	tests/unit/sip/test_lex.c tests/unit/sip/test_msg.c tests/unit/sip/test_quirks.c tests/unit/sip/test_route.c \
	tests/unit/sip/test_stack.c tests/unit/sip/test_txn_client.c tests/unit/sip/test_txn_server.c \
	tests/unit/sip/test_via.c tests/unit/webadmin/test_csv.c tests/unit/webadmin/test_issue.c \
	tests/unit/webadmin/test_sessions.c tests/wire/test_torture.c
HELPER_SRC := tests/db/writer.c
BENCH_LOAD_SRC := tests/bench/load/agent.c tests/bench/load/digest.c tests/bench/load/group.c \
	tests/bench/load/main.c tests/bench/load/office.c tests/bench/load/presence.c tests/bench/load/receive.c \
	tests/bench/load/report.c tests/bench/load/request.c tests/bench/load/storm.c tests/bench/load/traffic.c \
	tests/bench/load/usage.c
BENCH_MICRO_SRC := tests/bench/micro.c
FUZZ_SRC := tests/fuzz/fuzz_bigram.c tests/fuzz/fuzz_codec.c tests/fuzz/fuzz_crypto_files.c \
	tests/fuzz/fuzz_csv.c tests/fuzz/fuzz_http_target.c tests/fuzz/fuzz_im_filter.c tests/fuzz/fuzz_lync_auth.c \
	tests/fuzz/fuzz_lync_category.c tests/fuzz/fuzz_lync_dsk.c tests/fuzz/fuzz_lync_file.c \
	tests/fuzz/fuzz_lync_service.c tests/fuzz/fuzz_lync_ticket.c tests/fuzz/fuzz_net_text.c \
	tests/fuzz/fuzz_simple_bodies.c tests/fuzz/fuzz_simple_lists.c tests/fuzz/fuzz_sip_headers.c \
	tests/fuzz/fuzz_sip_msg.c tests/fuzz/fuzz_sip_stack.c

DRIVER_SRC := tests/clients/drivers/driver.c tests/clients/drivers/words.c
LINPHONE_DRIVER_SRC := tests/clients/drivers/linphone_account.c tests/clients/drivers/linphone_call.c \
	tests/clients/drivers/linphone_chat.c tests/clients/drivers/linphone_main.c \
	tests/clients/drivers/linphone_room.c
PURPLE_DRIVER_SRC := tests/clients/drivers/purple_account.c tests/clients/drivers/purple_chat.c \
	tests/clients/drivers/purple_list.c tests/clients/drivers/purple_main.c tests/clients/drivers/purple_report.c \
	tests/clients/drivers/purple_request.c tests/clients/drivers/purple_signals.c \
	tests/clients/drivers/libxml2_sax1.c
