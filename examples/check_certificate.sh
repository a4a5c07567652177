#!/usr/bin/env bash
# Checks a certificate bundle (.yjz) with openssl, sha256sum and xmlsec1 alone: nothing of ours takes part.
# Usage: check_certificate.sh CERTIFICATE.yjz ROOT.pem TRUST.txt
#   ROOT.pem   the root certificate that you trust      TRUST.txt  the key of the log that you trust (a line "log VKEY")
set -euo pipefail
bundle=$(realpath "$1") root=$(realpath "$2") trust=$(realpath "$3")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
unzip -q "$bundle"
hex() { od -An -v -tx1 | tr -d ' \n'; }
raw() { tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf '%b'; }
sha() { raw | sha256sum | cut -c1-64; }   # of bytes given as hexadecimal
field() { grep -o "\"$1\":\"[^\"]*\"" "$2" | head -1 | cut -d'"' -f4; }
say() { echo "通过  $1"; }

# 1. The statement in the log names this very file.
[ "$(sha256sum < certificate.xml | cut -c1-64)" = "$(field certificate.xml entry.json)" ]
say "DCC 与登记条目的哈希一致"

# 2. The signer's certificate leads to the trusted root.
openssl x509 -inform der -in chain/00.der -out signer.pem
openssl verify -CAfile "$root" signer.pem > /dev/null
openssl x509 -in signer.pem -pubkey -noout > signer.pub
say "签名人证书追溯到信任的根：$(openssl x509 -in signer.pem -noout -subject)"

# 3. The signature of the DCC (XAdES), and the signature over the statement.
xmlsec1 --verify --trusted-pem "$root" --enabled-key-data x509 --id-attr:Id SignedProperties --id-attr:Id KeyInfo \
  certificate.xml > xmlsec.log 2>&1 || { cat xmlsec.log; exit 1; }
say "XML 签名（xmlsec1）"
field signature entry.sig | raw > entry.der
openssl dgst -sha256 -verify signer.pub -signature entry.der entry.json > /dev/null
say "登记条目的签名"

# 4. The timestamp, and the list of revoked signers.
if [ -f certificate.tsr ]; then
  openssl ts -verify -in certificate.tsr -data certificate.xml -CAfile "$root" > /dev/null 2>&1
  say "时间戳：$(openssl ts -reply -in certificate.tsr -text 2>/dev/null | grep 'Time stamp:' | cut -c13-)"
fi
if [ -f revocation/00.crl ]; then
  openssl crl -inform der -in revocation/00.crl -CAfile "$root" -noout 2>/dev/null
  serial=$(openssl x509 -in signer.pem -noout -serial | cut -d= -f2)
  ! openssl crl -inform der -in revocation/00.crl -noout -text | grep -q "Serial Number: $serial"
  say "签名人证书不在吊销列表上"
fi

# 5. The statement stands in the log: hash by hash from its leaf to the root of the checkpoint.
index=$(sed -n 's/^index //p' certificate.tlog-proof)
sed -n '/^$/,$p' certificate.tlog-proof | tail -n +2 > checkpoint
size=$(sed -n 2p checkpoint)
hash=$(echo -n "00$(sha256sum < entry.json | cut -c1-64)" | sha)
fn=$index sn=$((size - 1))
while read -r line; do
  sibling=$(echo "$line" | openssl base64 -d -A | hex)
  if [ $((fn & 1)) = 1 ] || [ "$fn" = "$sn" ]; then
    hash=$(echo -n "01$sibling$hash" | sha)
    while [ $((fn & 1)) = 0 ] && [ "$fn" != 0 ]; do fn=$((fn >> 1)) sn=$((sn >> 1)); done
  else
    hash=$(echo -n "01$hash$sibling" | sha)
  fi
  fn=$((fn >> 1)) sn=$((sn >> 1))
done < <(sed -n '3,/^$/p' certificate.tlog-proof | grep -v '^$' || true)
[ "$hash" = "$(sed -n 3p checkpoint | openssl base64 -d -A | hex)" ]
say "在日志的第 $index 条（检查点共 $size 条）"

# 6. The checkpoint is signed by the log's key (Ed25519).
vkey=$(sed -n 's/^log //p' "$trust")
name=${vkey%%+*}
key=$(echo -n "${vkey#*+*+}" | openssl base64 -d -A | hex)
echo -n "302a300506032b6570032100${key:2}" | raw > log.der
sed '/^$/,$d' checkpoint > body
grep -m1 "^— $name " checkpoint | cut -d' ' -f3 | openssl base64 -d -A | tail -c +5 > log.sig
openssl pkeyutl -verify -pubin -keyform der -inkey log.der -rawin -in body -sigfile log.sig > /dev/null
say "检查点由日志 $name 签署"
echo "全部通过"
