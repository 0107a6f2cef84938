# 앨리스로 은행에 로그인합니다. 실행 방법: sh client.sh 주소 포트
# $1과 $2는 리졸버의 응답이고, 비밀번호는 표준 입력으로 들어옵니다.
curl --silent --show-error --include --max-time 5 \
  --data username=alice --data rrn=900101-1234567 \
  --data-urlencode password@- \
  "http://$1:$2/login"
