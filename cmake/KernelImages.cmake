# The GPU's code as data inside millrace_kernels: a fatbin by nvcc where the CUDA Toolkit is, PTX by clang where clang
# is, both where both are. With neither the program is whole and says that it holds none.
# Beside each image lies what ptxas said of it (generated/kernels.*.log), which a test reads.

set(MILLRACE_CUDA_TARGETS "75;80;86;87;89;90;100;120" CACHE STRING
    "GPU architectures that nvcc makes code for, as far as it knows them; PTX of the first is added")
set(millrace_device_source ${PROJECT_SOURCE_DIR}/kernels/device.cu)
file(GLOB millrace_device_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*.h)
set(millrace_generated ${PROJECT_BINARY_DIR}/generated)
# No a*b+c becomes one operation unless it is written so: then device and host give the same bits.
set(millrace_nvcc_flags -std=c++20 -O2 -fmad=false -I${PROJECT_SOURCE_DIR})
set(millrace_clang_flags -std=c++20 -O2 -ffp-contract=off -x cuda --cuda-gpu-arch=sm_50 -nocudainc -nocudalib
    --cuda-device-only -Wno-unknown-cuda-version -I${PROJECT_SOURCE_DIR} -S)

find_program(MILLRACE_NVCC nvcc HINTS /usr/local/cuda/bin)
find_program(MILLRACE_PTXAS ptxas HINTS /usr/local/cuda/bin)
find_program(MILLRACE_CUDA_CLANG NAMES clang++-14 clang++)

# What is installed may still not get along with this compiler or this machine's headers.
function(millrace_compiles variable)
  if(DEFINED ${variable})
    return()
  endif()
  set(probe ${millrace_generated}/device_probe.cu)
  file(WRITE ${probe} "#if defined(__clang__)\n#define __global__ __attribute__((global))\n#endif\n"
       "#include <cstdlib>\n#include <string>\n#include <vector>\n"
       "extern \"C\" __global__ void probe(float* value) { *value = __builtin_fmaf(*value, 2.0F, 1.0F); }\n")
  execute_process(COMMAND ${ARGN} ${probe} -o ${millrace_generated}/device_probe.out RESULT_VARIABLE failed
                  OUTPUT_QUIET ERROR_VARIABLE said)
  if(failed)
    message(STATUS "${variable}: no, ${said}")
    set(${variable} FALSE CACHE INTERNAL "")
  else()
    set(${variable} TRUE CACHE INTERNAL "")
  endif()
endfunction()

# millrace_image(FILE NAME LOG COMMAND...): one image; its log is shown where the command fails.
function(millrace_image file name log)
  string(JOIN " " line ${ARGN})
  add_custom_command(OUTPUT ${file} COMMAND sh -c "(${line}) >${log} 2>&1 || { cat ${log}; false; }"
                     DEPENDS ${millrace_device_source} ${millrace_device_headers} VERBATIM)
  list(LENGTH millrace_images count)
  string(APPEND millrace_image_data
         "asm(\".pushsection .rodata\\n.balign 64\\nmillrace_image_${count}: .incbin \\\"${file}\\\"\\n"
         ".byte 0\\n.popsection\");\nextern const char image_${count}[] asm(\"millrace_image_${count}\");\n")
  string(APPEND millrace_image_list "    {\"${name}\", image_${count}},\n")
  list(APPEND millrace_images ${file})
  set(millrace_image_data ${millrace_image_data} PARENT_SCOPE)
  set(millrace_image_list ${millrace_image_list} PARENT_SCOPE)
  set(millrace_images ${millrace_images} PARENT_SCOPE)
endfunction()

set(millrace_images)
set(millrace_image_data)
set(millrace_image_list)
# Sanitized builds look at the host's code: one image is enough there, and clang's is made in a second.
if(MILLRACE_CUDA_CLANG)
  millrace_compiles(MILLRACE_CLANG_MAKES_PTX ${MILLRACE_CUDA_CLANG} ${millrace_clang_flags})
endif()
if(MILLRACE_NVCC AND NOT (MILLRACE_SANITIZE AND MILLRACE_CLANG_MAKES_PTX))
  millrace_compiles(MILLRACE_NVCC_WORKS ${MILLRACE_NVCC} ${millrace_nvcc_flags} -fatbin)
endif()
if(MILLRACE_NVCC_WORKS)
  execute_process(COMMAND ${MILLRACE_NVCC} --list-gpu-code OUTPUT_VARIABLE known)
  set(flags)
  set(told)
  foreach(target IN LISTS MILLRACE_CUDA_TARGETS)
    if(NOT "${known}\n" MATCHES "sm_${target}\n" OR (MILLRACE_SANITIZE AND told))
      continue()
    endif()
    set(code sm_${target})
    if(NOT told)
      set(code "sm_${target},compute_${target}")
    endif()
    list(APPEND flags "-gencode=arch=compute_${target},code=\\\"${code}\\\"")
    string(APPEND told " sm_${target}")
  endforeach()
  if(told)
    millrace_image(${millrace_generated}/kernels.fatbin "nvcc:${told} and PTX" ${millrace_generated}/kernels.nvcc.log
                   ${MILLRACE_NVCC} ${millrace_nvcc_flags} -fatbin -Xfatbin=-compress-all -Xptxas=-v --threads=2 ${flags}
                   ${millrace_device_source} -o ${millrace_generated}/kernels.fatbin)
  endif()
endif()
if(MILLRACE_CLANG_MAKES_PTX)
  # Also beside nvcc's: its PTX asks for the newest drivers, this for hardly any.
  set(command ${MILLRACE_CUDA_CLANG} ${millrace_clang_flags} ${millrace_device_source} -o ${millrace_generated}/kernels.ptx)
  if(MILLRACE_PTXAS)
    list(APPEND command && ${MILLRACE_PTXAS} -v -arch=sm_75 ${millrace_generated}/kernels.ptx -o /dev/null)
  endif()
  millrace_image(${millrace_generated}/kernels.ptx "clang: PTX for sm_50 and later"
                 ${millrace_generated}/kernels.clang.log ${command})
endif()
if(NOT millrace_images)
  message(STATUS "no nvcc and no clang that compiles for NVIDIA GPUs: the program will hold no GPU kernels")
endif()

list(LENGTH millrace_images count)
file(CONFIGURE OUTPUT ${millrace_generated}/kernel_image.cpp @ONLY CONTENT
"// Written by cmake/KernelImages.cmake: the images that the tools of this machine can make.
#include \"kernels/kernel_image.h\"

#include <array>

namespace millrace::kernels {
@millrace_image_data@
std::span<const KernelImage> kernel_images() {
  static const std::array<KernelImage, @count@> images{{
@millrace_image_list@  }};
  return images;
}

}  // namespace millrace::kernels
")
set_source_files_properties(${millrace_generated}/kernel_image.cpp PROPERTIES
                            OBJECT_DEPENDS "${millrace_images}" SKIP_PRECOMPILE_HEADERS ON)
target_sources(millrace_kernels PRIVATE ${millrace_generated}/kernel_image.cpp)
