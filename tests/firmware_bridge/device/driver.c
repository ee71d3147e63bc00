/* The C side at work for the tests: `driver parse ROOM` reads bytes in pieces of 7 from stdin and prints each message as hex; `driver build`
   prints one message of each kind; `driver ring ROOM` moves stdin through a ring; `driver encode
   TYPE FLAGS SEQUENCE TIME` makes a message of the payload on stdin. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sonolink.h"

static uint8_t input[1 << 20], buffer[1 << 20];

static void print(const char *name, const uint8_t *data, size_t size)
{
  printf("%s ", name);
  for (size_t i = 0; i < size; i++) printf("%02x", data[i]);
  printf("\n");
}

static void parse(size_t room, size_t have, const char *key)
{
  struct sl_parser parser;
  struct sl_message message;
  uint8_t *own = malloc(room);
  sl_parser_init(&parser, own, room);
  size_t at = 0;
  for (bool found = true; at < have || found;) {
    size_t piece = have - at < 7 ? have - at : 7;
    at += sl_parse(&parser, input + at, piece, &message, &found);
    if (!found) continue;
    int64_t milli = 0;
    printf("%u %u %u %u %llu ", message.version, message.type, message.flags, message.sequence, (unsigned long long)message.time_us);
    bool known = key && sl_read_milli(&message, key, &milli);
    if (key) printf("%d %lld %d ", known, (long long)milli, sl_reads_version(&message, 1));
    print("", message.payload, message.size);
  }
  free(own);
}

static void build(void)
{
  static const char *const can[] = {"grey8", "set-depth"};
  static const uint8_t versions[] = {1}, pixels[] = {0, 32, 64, 96, 128, 255};
  char text[512];
  struct sl_json json;
  sl_json_begin(&json, text, sizeof text);
  sl_json_text(&json, "device", "Probe \"One\"\n");
  sl_json_text(&json, "firmware", "1.0");
  sl_json_text(&json, "serial_number", "S-1");
  sl_json_texts(&json, "capabilities", can, 2);
  sl_json_versions(&json, versions, 1);
  print("hello", buffer, sl_encode(buffer, sizeof buffer, SL_HELLO, 0, 0, 5, text, sl_json_end(&json)));
  sl_json_begin(&json, text, sizeof text);
  sl_json_text(&json, "shape", "sector");
  sl_json_milli_pair(&json, "mm_per_px", 250, 1050);
  sl_json_milli_pair(&json, "angles_deg", -45000, 45000);
  print("geometry", buffer, sl_encode(buffer, sizeof buffer, SL_GEOMETRY, 0, 0, 5, text, sl_json_end(&json)));
  sl_json_begin(&json, text, sizeof text);
  sl_json_milli(&json, "depth_mm", 120000);
  sl_json_milli(&json, "gain_db", -1005);
  sl_json_milli(&json, "frequency_mhz", 3500);
  print("settings", buffer, sl_encode(buffer, sizeof buffer, SL_SETTINGS, 0, 0, 5, text, sl_json_end(&json)));
  size_t head = sl_encode_frame_head(buffer, sizeof buffer, SL_SIMULATED, 258, 1000000, SL_GREY8, 2, 3, pixels, sizeof pixels);
  memcpy(buffer + head, pixels, sizeof pixels);
  print("frame", buffer, head + sizeof pixels);
  head = sl_encode_counted_frame_head(buffer, sizeof buffer, SL_SIMULATED, 258, 1000000, SL_GREY8, 2, 3, 65534, pixels, sizeof pixels);
  memcpy(buffer + head, pixels, sizeof pixels);
  print("counted", buffer, head + sizeof pixels);
  print("heartbeat", buffer, sl_encode(buffer, sizeof buffer, SL_HEARTBEAT, 0, 259, 1500000, NULL, 0));
  sl_json_begin(&json, text, 8);
  sl_json_text(&json, "name", "button");
  printf("full %zu %zu\n", sl_json_end(&json), sl_encode(buffer, 40, SL_EVENT, 0, 0, 0, text, 9));
}

static void ring(size_t room, size_t have)
{
  struct sl_ring made;
  uint8_t *own = malloc(room);
  const uint8_t *data;
  sl_ring_init(&made, own, room);
  size_t refused = 0, at = 0;
  for (size_t size = 1; at < have; size = size % 23 + 1) {
    size_t piece = have - at < size ? have - at : size;
    if (!sl_ring_put(&made, input + at, piece / 2, input + at + piece / 2, piece - piece / 2)) {
      refused++;
      size_t next = sl_ring_next(&made, &data);
      fwrite(data, 1, next, stdout);
      sl_ring_sent(&made, next);
    } else at += piece;
  }
  for (size_t next; (next = sl_ring_next(&made, &data)); sl_ring_sent(&made, next)) fwrite(data, 1, next, stdout);
  fprintf(stderr, "%zu", refused);
  free(own);
}

int main(int count, char **words)
{
  size_t have = count > 2 ? fread(input, 1, sizeof input, stdin) : 0;
  if (count > 2 && !strcmp(words[1], "parse")) parse((size_t)atol(words[2]), have, count > 3 ? words[3] : NULL);
  else if (count > 2 && !strcmp(words[1], "ring")) ring((size_t)atol(words[2]), have);
  else if (count > 5 && !strcmp(words[1], "encode"))
    print("", buffer, sl_encode(buffer, sizeof buffer, (uint8_t)atoi(words[2]), (uint16_t)atoi(words[3]), (uint32_t)strtoul(words[4], 0, 10),
                                strtoull(words[5], 0, 10), input, have));
  else build();
  return 0;
}
