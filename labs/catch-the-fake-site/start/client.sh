# Logs in at the bank as alice: sh client.sh ADDRESS PORT
# $1 and $2 are what the resolver answered. The password comes on the
# standard input.
curl --silent --show-error --include --max-time 5 \
  --data username=alice --data rrn=900101-1234567 \
  --data-urlencode password@- \
  "http://$1:$2/login"
