#include "hw/inventory_json.h"

#include <optional>
#include <string>
#include <vector>

namespace millrace::hw {
namespace {

using Json = nlohmann::ordered_json;

template <typename Number>
Json number_or_null(const std::optional<Number>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json cpu_json(const CpuFacts& cpu) {
  return {{"vendor", cpu.vendor},
          {"model", cpu.model},
          {"physical_cores", cpu.physical_cores},
          {"logical_cores", cpu.logical_cores},
          {"allowed_cores", cpu.allowed_cores},
          {"quota_cores", number_or_null(cpu.quota_cores)},
          {"usable_cores", cpu.usable_cores},
          {"simd", cpu.simd}};
}

Json memory_json(const MemoryFacts& memory) {
  return {{"total_bytes", memory.total_bytes},
          {"available_bytes", memory.available_bytes},
          {"limit_bytes", number_or_null(memory.limit_bytes)},
          {"usable_bytes", memory.usable_bytes}};
}

Json form_json(const VideoForm& form) {
  return {{"codec", form.codec},
          {"chroma", form.chroma},
          {"bits", form.bits},
          {"min_width", form.min_width},
          {"min_height", form.min_height},
          {"max_width", form.max_width},
          {"max_height", form.max_height},
          {"max_macroblocks", form.max_macroblocks}};
}

Json encode_json(const EncodeForm& encode) {
  Json json = form_json(encode.form);
  json["b_frames"] = encode.b_frames;
  json["low_power"] = encode.low_power;
  return json;
}

Json load_json(const GpuLoad& load) {
  return {{"compute_percent", number_or_null(load.compute_percent)},
          {"decode_percent", number_or_null(load.decode_percent)},
          {"encode_percent", number_or_null(load.encode_percent)},
          {"encode_sessions", number_or_null(load.encode_sessions)},
          {"memory_used_bytes", number_or_null(load.memory_used_bytes)},
          {"watts", number_or_null(load.watts)}};
}

Json absence_json(const Absence& absence) { return {{"what", absence.what}, {"note", absence.note}}; }

template <typename Item>
Json list_json(const std::vector<Item>& items, Json (*item_json)(const Item&)) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(item_json(item));
  return list;
}

Json gpu_json(const GpuFacts& gpu) {
  return {{"vendor", gpu.vendor},
          {"name", gpu.name},
          {"index", gpu.index},
          {"memory_bytes", gpu.memory_bytes},
          {"driver", gpu.driver},
          {"engines", {{"decode", gpu.engines.decode}, {"encode", gpu.engines.encode}}},
          {"id", gpu.id},
          {"node", gpu.node},
          {"mig", gpu.mig},
          {"compute", gpu.compute},
          {"cuda", gpu.cuda},
          {"decodes", list_json(gpu.decodes, form_json)},
          {"encodes", list_json(gpu.encodes, encode_json)},
          {"free_encode_sessions", number_or_null(gpu.free_encode_sessions)},
          {"filters", gpu.filters},
          {"load", load_json(gpu.load)},
          {"absences", list_json(gpu.absences, absence_json)}};
}

// The readers below throw what the JSON library throws; inventory_of catches it.

template <typename Value>
void read(const Json& json, const char* name, Value& value) {
  json.at(name).get_to(value);
}

template <typename Number>
void read(const Json& json, const char* name, std::optional<Number>& value) {
  const Json& given = json.at(name);
  if (given.is_null())
    value.reset();
  else
    value = given.get<Number>();
}

template <typename Item>
void read_list(const Json& json, const char* name, std::vector<Item>& items, Item (*item_of)(const Json&)) {
  for (const Json& item : json.at(name)) items.push_back(item_of(item));
}

Absence absence_of(const Json& json) {
  Absence absence;
  read(json, "what", absence.what);
  read(json, "note", absence.note);
  return absence;
}

VideoForm form_of(const Json& json) {
  VideoForm form;
  read(json, "codec", form.codec);
  read(json, "chroma", form.chroma);
  read(json, "bits", form.bits);
  read(json, "min_width", form.min_width);
  read(json, "min_height", form.min_height);
  read(json, "max_width", form.max_width);
  read(json, "max_height", form.max_height);
  read(json, "max_macroblocks", form.max_macroblocks);
  return form;
}

EncodeForm encode_of(const Json& json) {
  EncodeForm encode{form_of(json)};
  read(json, "b_frames", encode.b_frames);
  read(json, "low_power", encode.low_power);
  return encode;
}

GpuLoad load_of(const Json& json) {
  GpuLoad load;
  read(json, "compute_percent", load.compute_percent);
  read(json, "decode_percent", load.decode_percent);
  read(json, "encode_percent", load.encode_percent);
  read(json, "encode_sessions", load.encode_sessions);
  read(json, "memory_used_bytes", load.memory_used_bytes);
  read(json, "watts", load.watts);
  return load;
}

GpuFacts gpu_of(const Json& json) {
  GpuFacts gpu;
  read(json, "vendor", gpu.vendor);
  read(json, "name", gpu.name);
  read(json, "index", gpu.index);
  read(json, "memory_bytes", gpu.memory_bytes);
  read(json, "driver", gpu.driver);
  read(json.at("engines"), "decode", gpu.engines.decode);
  read(json.at("engines"), "encode", gpu.engines.encode);
  read(json, "id", gpu.id);
  read(json, "node", gpu.node);
  read(json, "mig", gpu.mig);
  read(json, "compute", gpu.compute);
  read(json, "cuda", gpu.cuda);
  read_list(json, "decodes", gpu.decodes, form_of);
  read_list(json, "encodes", gpu.encodes, encode_of);
  read(json, "free_encode_sessions", gpu.free_encode_sessions);
  read(json, "filters", gpu.filters);
  gpu.load = load_of(json.at("load"));
  read_list(json, "absences", gpu.absences, absence_of);
  return gpu;
}

CpuFacts cpu_of(const Json& json) {
  CpuFacts cpu;
  read(json, "vendor", cpu.vendor);
  read(json, "model", cpu.model);
  read(json, "physical_cores", cpu.physical_cores);
  read(json, "logical_cores", cpu.logical_cores);
  read(json, "allowed_cores", cpu.allowed_cores);
  read(json, "quota_cores", cpu.quota_cores);
  read(json, "usable_cores", cpu.usable_cores);
  read(json, "simd", cpu.simd);
  return cpu;
}

MemoryFacts memory_of(const Json& json) {
  MemoryFacts memory;
  read(json, "total_bytes", memory.total_bytes);
  read(json, "available_bytes", memory.available_bytes);
  read(json, "limit_bytes", memory.limit_bytes);
  read(json, "usable_bytes", memory.usable_bytes);
  return memory;
}

}  // namespace

Json to_json(const Inventory& inventory) {
  return {{"os", inventory.os},
          {"kernel", inventory.kernel},
          {"cpu", cpu_json(inventory.cpu)},
          {"memory", memory_json(inventory.memory)},
          {"gpus", list_json(inventory.gpus, gpu_json)},
          {"confinement",
           {{"landlock", inventory.confinement.landlock}, {"seccomp", inventory.confinement.seccomp}}},
          {"absences", list_json(inventory.absences, absence_json)}};
}

std::optional<Inventory> inventory_of(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  try {
    Inventory inventory;
    read(json, "os", inventory.os);
    read(json, "kernel", inventory.kernel);
    inventory.cpu = cpu_of(json.at("cpu"));
    inventory.memory = memory_of(json.at("memory"));
    read_list(json, "gpus", inventory.gpus, gpu_of);
    read(json.at("confinement"), "landlock", inventory.confinement.landlock);
    read(json.at("confinement"), "seccomp", inventory.confinement.seccomp);
    read_list(json, "absences", inventory.absences, absence_of);
    return inventory;
  } catch (const Json::exception&) {  // a field is missing, or of another kind
    return std::nullopt;
  }
}

}  // namespace millrace::hw
