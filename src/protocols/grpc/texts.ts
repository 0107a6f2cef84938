/** Explains the parts of gRPC messages, and of protobuf in them, to beginners. Loaded for an explanation. */
import { fieldTexts } from '../text.ts';

export const explainedGrpcFields = [
  'grpc.message',
  'grpc.compressed',
  'grpc.length',
  'grpc.compressed_data',
  'grpc.json',
  'grpc.part',
  'grpc.opened',
  'protobuf.message',
  'protobuf.field',
  'protobuf.tag',
  'protobuf.field.length',
  'protobuf.value',
  'protobuf.bytes',
] as const;
export type ExplainedGrpcId = (typeof explainedGrpcFields)[number];

const wire = 'Protocol Buffers, Encoding';

export const grpcTexts = fieldTexts<ExplainedGrpcId>({
  'grpc.message': [
    'gRPC message',
    'gRPC 메시지',
    'One request or one response of a remote procedure call. A call may have many of them in each direction.',
    '원격 프로시저 호출의 요청 또는 응답 하나입니다. 한 번의 호출에서 양쪽으로 여러 개가 오갈 수 있습니다.',
    'gRPC over HTTP/2',
  ],
  'grpc.compressed': [
    'compressed flag',
    '압축 여부',
    'Whether the message is compressed, in the way that the header grpc-encoding names.',
    '메시지가 압축되어 있는지 나타냅니다. 압축 방식은 grpc-encoding 헤더에 있습니다.',
    'gRPC over HTTP/2',
  ],
  'grpc.length': [
    'message length',
    '메시지 길이',
    'The number of bytes of the message that follows. Frames of HTTP/2 may cut a message anywhere.',
    '뒤따르는 메시지의 바이트 수입니다. HTTP/2 프레임은 메시지를 아무 데서나 자를 수 있어 길이가 필요합니다.',
    'gRPC over HTTP/2',
  ],
  'grpc.compressed_data': [
    'compressed message',
    '압축된 메시지',
    'The message in its compressed form. Compression hides nothing: anyone can decompress it.',
    '압축된 상태의 메시지입니다. 압축은 아무것도 숨기지 못하며 누구나 풀 수 있습니다.',
    'gRPC over HTTP/2',
  ],
  'grpc.json': [
    'message in JSON',
    'JSON 메시지',
    'The message as JSON, as the content type application/grpc+json says.',
    'JSON으로 쓴 메시지입니다. content-type이 application/grpc+json입니다.',
  ],
  'grpc.part': [
    'part of a message',
    '메시지의 일부',
    'A part of a gRPC message that lies in several DATA frames; the frame that completes it shows what it says.',
    '여러 DATA 프레임에 나뉜 gRPC 메시지의 일부입니다. 내용은 메시지를 완성하는 프레임에 나옵니다.',
    'gRPC over HTTP/2',
  ],
  'grpc.opened': [
    'whole message',
    '전체 메시지',
    'The message after its parts were put together, or after it was decompressed.',
    '나뉜 조각을 잇거나 압축을 푼 전체 메시지입니다.',
    'gRPC over HTTP/2',
  ],
  'protobuf.message': [
    'protobuf message',
    'protobuf 메시지',
    'Fields by their numbers. Names are not sent: both sides know them from a .proto file. That is an encoding, not encryption.',
    '번호로 구분한 필드의 모음입니다. 이름은 보내지 않으며, 양쪽이 .proto 파일로 알고 있습니다. 암호화가 아니라 인코딩일 뿐입니다.',
    wire,
  ],
  'protobuf.field': [
    'protobuf field',
    'protobuf 필드',
    'A number that says which field it is, and its value.',
    '어느 필드인지 나타내는 번호와 그 값입니다.',
    wire,
  ],
  'protobuf.tag': [
    'field number',
    '필드 번호',
    'Which field it is, with its name if a .proto file is known; the lowest three bits say how its value is written.',
    '어느 필드인지 나타냅니다. .proto 파일이 있으면 이름도 함께 보입니다. 아래 세 비트는 값을 적는 방식입니다.',
    wire,
  ],
  'protobuf.field.length': [
    'field length',
    '필드 길이',
    'The number of bytes of the value.',
    '값의 바이트 수입니다.',
    wire,
  ],
  'protobuf.value': [
    'field value',
    '필드 값',
    'A number, a text, or several numbers. Without a .proto file its type is a guess from its form.',
    '숫자, 문자열, 또는 숫자의 배열입니다. .proto 파일이 없으면 내용을 보고 자료형을 추측합니다.',
    wire,
  ],
  'protobuf.bytes': [
    'bytes',
    '바이트',
    'A value that is neither text nor a message of its own, as far as can be told.',
    '문자열도 아니고 다른 메시지도 아닌 것으로 보이는 값입니다.',
    wire,
  ],
});
